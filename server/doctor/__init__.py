"""The doctor: what is wrong with an installation, what that means, and what helps.

It runs beside the server as a process of its own (`parley doctor`) and asks everything from
outside, as browsers do: pages and sockets at the public address, media at the announced ones, and
the relays with a real credential. One module per thing that can be wrong; `finding.py` is what
they say.
"""

from server.doctor.examination import examine
from server.doctor.finding import Finding, Verdict

__all__ = ["Finding", "Verdict", "examine"]
