import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { text } from "../text/catalogue";

interface PageProps {
  readonly title: string;
  readonly hint?: string | undefined;
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}

export function Page({ title, hint, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · ${text.product}`;
  }, [title]);
  return (
    <>
      <header class="page-head">
        <div>
          <h1>{title}</h1>
          {hint === undefined || hint === "" ? null : <p class="muted">{hint}</p>}
        </div>
        {actions === undefined ? null : <div class="page-actions">{actions}</div>}
      </header>
      {children}
    </>
  );
}

interface SectionProps {
  readonly title: string;
  readonly note?: string | undefined;
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}

export function Section({ title, note, actions, children }: SectionProps) {
  return (
    <section class="panel" aria-label={title}>
      <div class="panel-head">
        <h2>{title}</h2>
        {note === undefined ? null : <span class="muted small">{note}</span>}
        {actions === undefined ? null : <span class="panel-actions">{actions}</span>}
      </div>
      {children}
    </section>
  );
}

const kGood = new Set(["pass", "passed", "published", "complete", "kept", "holds", "ok", "unchanged", "agrees"]);
const kBad = new Set(["fail", "failed", "error", "blocked", "missing", "void", "cancelled"]);

/** A state in words with a mark of its own shape, so that colour is never the only sign. */
export function Status({ of: state, label }: { of: string; label?: string | undefined }) {
  const kind = kGood.has(state) ? "good" : kBad.has(state) ? "bad" : "neutral";
  const mark = kind === "good" ? "✓" : kind === "bad" ? "✕" : "●";
  return <span class={`status ${kind}`}><span aria-hidden="true">{mark}</span> {label ?? state}</span>;
}
