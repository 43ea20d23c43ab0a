/** Draws the Markdown tree as elements; text never becomes HTML. Counterpart: `markdown.ts`. */
import { Fragment, type ReactNode, memo } from "react";
import { type Block, type Inline, isPlainAddress, parse } from "../../markdown";
import styles from "./Markdown.module.css";

/** `dir="auto"` on each block: a message may mix languages that run in different directions. */
export const Markdown = memo(function Markdown({ text }: { readonly text: string }) {
  return <div className={styles["text"]}>{parse(text).map(block)}</div>;
});

// The tree has no identities: it is drawn anew from the text, and never reordered.
// oxlint-disable react/no-array-index-key
function block(node: Block, index: number): ReactNode {
  switch (node.kind) {
    case "paragraph":
      return (
        <p key={index} dir="auto">
          {inlines(node.children)}
        </p>
      );
    case "code":
      return (
        <pre key={index} dir="ltr">
          <code>{node.text}</code>
        </pre>
      );
    case "quote":
      return <blockquote key={index}>{node.children.map(block)}</blockquote>;
    case "list": {
      const items = node.items.map((item, at) => (
        <li key={at} dir="auto">
          {inlines(item)}
        </li>
      ));
      return node.start === null ? (
        <ul key={index}>{items}</ul>
      ) : (
        <ol key={index} start={node.start}>
          {items}
        </ol>
      );
    }
  }
}

function inlines(nodes: readonly Inline[]): ReactNode {
  return nodes.map((node, index) => <Fragment key={index}>{inline(node)}</Fragment>);
}

function inline(node: Inline): ReactNode {
  switch (node.kind) {
    case "text":
      return node.text;
    case "break":
      return <br />;
    case "code":
      return <code dir="ltr">{node.text}</code>;
    case "strong":
      return <strong>{inlines(node.children)}</strong>;
    case "em":
      return <em>{inlines(node.children)}</em>;
    case "link":
      return link(node.href, node.children);
  }
}

/** A link always shows where it leads: a label cannot pretend to be another address. */
function link(href: string, children: readonly Inline[]): ReactNode {
  const [only] = children;
  const written = children.length === 1 && only?.kind === "text" && only.text === href;
  const bare = written && isPlainAddress(href);
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow ugc">
      <bdi>{inlines(children)}</bdi>
      {!bare && <span className={styles["host"]}>({new URL(href).host})</span>}
    </a>
  );
}
