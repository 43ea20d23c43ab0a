/** Starts the client: fonts, theme, nonce, the page. */
import "@fontsource-variable/inter";
import "@mantine/core/styles.layer.css";
import "./base.css";
import { createRoot } from "react-dom/client";
import { App } from "./app";
import { keepFocus } from "./focus";
import { Shell } from "./shell";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
keepFocus(document);
createRoot(root).render(
  <Shell>
    <App />
  </Shell>,
);
