import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { api, unwrap, type Schemas } from "../api/client";
import { useResource } from "../api/resource";
import { text } from "../text/catalogue";
import { navigate } from "../view/location";
import { pageAddress, useView } from "../view/view";
import { kDataPages, kTrustPages, kWorkPages } from "./routes";

interface Target {
  readonly title: string;
  readonly kind: string;
  readonly path: string;
}

const kShownMax = 12;

interface PaletteProps {
  readonly dashboards: readonly Schemas["Dashboard"][];
  readonly opener: { current: () => void }; // is given what opens it
}

/**
 * Finds a page by typing; the words may come in any order. The dialog is always there, closed, so that
 * it takes the very next key after the one that opens it.
 */
export function Palette({ dashboards, opener }: PaletteProps) {
  const view = useView();
  const [isOpen, setOpen] = useState(false);
  const [typed, setTyped] = useState("");
  const [chosen, setChosen] = useState(0);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const open = (): void => {
      setOpen(true);
      if (dialog.current?.open === false) dialog.current.showModal();
    };
    opener.current = open;
    const press = (event: KeyboardEvent): void => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        open();
      }
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);
  const onClose = (): void => {
    setOpen(false);
    setTyped("");
    setChosen(0);
    dialog.current?.close();
  };
  const metrics = useResource(isOpen ? `metrics:${view.projectEdits}` : null, (signal) => unwrap(api.GET("/metrics", { signal })));
  const tables = useResource(
    isOpen ? `release:${view.release}:tables` : null,
    (signal) => unwrap(api.GET("/tables", { params: { query: { release: view.release } }, signal })),
  );
  const targets = useMemo<Target[]>(() => [
    { title: text.overview.title, kind: "", path: "/" },
    ...dashboards.map((each) => ({ title: each.title, kind: text.pages.dashboards, path: `/dashboards/${encodeURIComponent(each.name)}` })),
    ...[...kDataPages, ...kWorkPages, ...kTrustPages].map((each) => ({ title: each.title, kind: "", path: each.path })),
    ...(metrics.data?.metrics ?? []).map((each) => ({ title: each.title, kind: text.pages.metrics, path: `/metrics/${encodeURIComponent(each.name)}` })),
    ...(tables.data?.tables ?? []).map((each) => ({ title: each.name, kind: text.pages.tables, path: `/tables/${encodeURIComponent(each.name)}` })),
  ], [dashboards, metrics.data, tables.data]);
  const fitting = (wanted: string): Target[] => {
    const words = wanted.toLowerCase().split(/\s+/);
    return targets
      .filter((target) => words.every((word) => `${target.title} ${target.kind}`.toLowerCase().includes(word)))
      .slice(0, kShownMax);
  };
  const found = isOpen ? fitting(typed) : [];
  const go = (target: Target | undefined): void => {
    if (target === undefined) return;
    onClose();
    navigate(pageAddress(view, target.path));
  };
  const press = (event: KeyboardEvent & { currentTarget: HTMLInputElement }): void => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      setChosen((chosen + step + found.length) % Math.max(1, found.length));
    } else if (event.key === "Enter") {
      event.preventDefault();
      // What is typed may not be drawn yet.
      const now = event.currentTarget.value;
      go(now === typed ? found[chosen] : fitting(now)[0]);
    }
  };
  return (
    <dialog class="palette" ref={dialog} aria-label={text.palette.open} onClose={onClose}
      onClick={(event) => { if (event.target === dialog.current) onClose(); }}>
      <input
        type="text" role="combobox" aria-expanded="true" aria-controls="palette-list" aria-label={text.palette.label}
        aria-activedescendant={found[chosen] === undefined ? undefined : `palette-${chosen}`}
        placeholder={text.palette.label} value={typed} onKeyDown={press}
        onInput={(event) => { setTyped(event.currentTarget.value); setChosen(0); }}
      />
      <ul id="palette-list" role="listbox" aria-label={text.palette.open}>
        {found.map((target, index) => (
          <li key={target.path} id={`palette-${index}`} role="option" aria-selected={index === chosen} onClick={() => go(target)}>
            <span>{target.title}</span><span class="muted small">{target.kind}</span>
          </li>
        ))}
      </ul>
      {found.length === 0 ? <p class="muted">{text.palette.empty}</p> : null}
    </dialog>
  );
}
