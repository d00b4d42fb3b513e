import type { ComponentChildren } from "preact";

/** A small part of Markdown, as elements: headings, lists, emphasis, code. Never HTML, never links. */
export function TextPanel({ title, text }: { title: string; text: string }) {
  const blocks = text.split(/\n\s*\n/).filter((block) => block.trim() !== "");
  return (
    <>
      {title === "" ? null : <div class="panel-head"><h2>{title}</h2></div>}
      {blocks.map((block, index) => <Block key={index} text={block.trim()} />)}
    </>
  );
}

function Block({ text }: { text: string }) {
  const heading = /^#{1,6}\s+(.*)$/.exec(text);
  if (heading !== null) return <h3>{inline(heading[1] ?? "")}</h3>;
  const lines = text.split("\n");
  if (lines.every((line) => /^\s*[-*]\s+/.test(line))) {
    return <ul>{lines.map((line, index) => <li key={index}>{inline(line.replace(/^\s*[-*]\s+/, ""))}</li>)}</ul>;
  }
  return <p>{inline(lines.join(" "))}</p>;
}

function inline(text: string): ComponentChildren[] {
  return text.split(/(\*\*[^*]+\*\*|`[^`]+`|\*[^*]+\*)/).map((part, index) => {
    if (part.startsWith("**") && part.length > 4) return <strong key={index}>{part.slice(2, -2)}</strong>;
    if (part.startsWith("`") && part.length > 2) return <code key={index}>{part.slice(1, -1)}</code>;
    if (part.startsWith("*") && part.length > 2) return <em key={index}>{part.slice(1, -1)}</em>;
    return part;
  });
}
