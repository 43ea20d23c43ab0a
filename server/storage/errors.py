"""What can go wrong between us and the store. The write path turns these into refusals."""


class StoreError(Exception):
    """The store did not do what it was asked; the message says why in a sentence."""


class StoreDown(StoreError):
    """No connection, or it broke: a command that was under way may or may not have been done."""


class StoreBusy(StoreError):
    """Too many commands are outstanding; this one was not sent."""


class StoreFull(StoreError):
    """There is no room on the disk (or in the store's memory); nothing was written."""


class StoreStartError(StoreError):
    """The embedded store cannot be started; a sentence for the operator."""
