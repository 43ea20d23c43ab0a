/** Every state of the product with sample data, in development only: `/gallery.html?state=<name>`. */
import "@fontsource-variable/inter";
import "@mantine/core/styles.layer.css";
import "./base.css";
import { createRoot } from "react-dom/client";
import { states } from "./gallery/states";
import { Shell } from "./shell";

const wanted = new URLSearchParams(location.search).get("state");
const drawn = states.find(({ name }) => name === wanted);
const root = document.getElementById("root");
if (root === null) throw new Error("gallery.html has no #root");
createRoot(root).render(
  <Shell>
    {drawn?.draw() ?? (
      <main style={{ padding: 24 }}>
        <h1>Gallery</h1>
        <ul>
          {states.map(({ name }) => (
            <li key={name}>
              <a href={`?state=${name}`}>{name}</a>
            </li>
          ))}
        </ul>
      </main>
    )}
  </Shell>,
);
