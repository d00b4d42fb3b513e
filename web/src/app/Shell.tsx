import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { api, unwrap, type Schemas } from "../api/client";
import { useResource } from "../api/resource";
import { text } from "../text/catalogue";
import { Link } from "../ui/Link";
import { changeState, pageAddress, shareAddress, useView, type Theme } from "../view/view";
import { Palette } from "./Palette";
import { kDataPages, kTrustPages, kWorkPages, type Entry } from "./routes";

interface ShellProps {
  readonly onTheme: (theme: Theme) => void;
  readonly onLatest: () => void;
  readonly onSignOut: () => void;
  readonly children: ComponentChildren;
}

export function Shell({ onTheme, onLatest, onSignOut, children }: ShellProps) {
  const view = useView();
  const [menu, setMenu] = useState(false);
  const openPalette = useRef<() => void>(() => undefined);
  const dashboards = useResource(
    `dashboards:${view.projectEdits}`, (signal) => unwrap(api.GET("/dashboards", { signal })),
  );
  useEffect(() => setMenu(false), [view.path]);
  const main = useRef<HTMLElement>(null);
  const skip = (event: Event): void => {
    event.preventDefault();
    main.current?.focus();
  };
  const other: Theme = view.theme === "dark" ? "light" : "dark";
  return (
    <div class="shell">
      <a class="skip" href="#content" onClick={skip}>{text.skip}</a>
      <header class="top">
        <button type="button" class="menu-button" aria-expanded={menu} aria-controls="pages" onClick={() => setMenu(!menu)}>
          {text.menu}
        </button>
        <Link to={pageAddress(view, "/")} class="brand">{text.product}</Link>
        <span class="project">{view.project.name}</span>
        <span class="space" />
        <Link to={pageAddress(view, `/releases/${view.release}`)} class="release-chip">
          {text.releaseNumber(view.release)}
        </Link>
        <ShareButton />
        <button type="button" class="go" onClick={() => openPalette.current()}>{text.palette.open} <kbd>{text.palette.keys}</kbd></button>
        <button type="button" aria-label={text.theme[other]} title={text.theme[other]} onClick={() => onTheme(other)}>
          <span aria-hidden="true">{other === "dark" ? "◐" : "◑"}</span>
        </button>
      </header>
      {view.release < view.latest ? <StaleBar onLatest={onLatest} /> : null}
      <div class={menu ? "side open" : "side"} id="pages">
        <nav aria-label={text.navigation}>
          <ul><NavItem entry={{ path: "/", title: text.overview.title }} /></ul>
          <DashboardLinks dashboards={dashboards.data?.dashboards ?? []} />
          <NavGroup title={text.pages.data} entries={kDataPages} />
          <NavGroup title={text.pages.work} entries={kWorkPages} />
          <NavGroup title={text.pages.trust} entries={kTrustPages} />
          <p><button type="button" class="plain" onClick={onSignOut}>{text.signIn.signOut}</button></p>
        </nav>
      </div>
      <main id="content" tabIndex={-1} ref={main}>
        {view.state.unread.length === 0 ? null : <p class="note" role="status">{text.filters.unread(view.state.unread.join(", "))}</p>}
        {children}
      </main>
      <Palette dashboards={dashboards.data?.dashboards ?? []} opener={openPalette} />
    </div>
  );
}

function StaleBar({ onLatest }: { onLatest: () => void }) {
  const view = useView();
  const show = (): void => {
    onLatest();
    if (view.state.release !== null) changeState(view, { release: null });
  };
  return (
    <div class="stale" role="status">
      <span>{text.stale.newer(view.latest, view.release)}</span>
      <button type="button" onClick={show}>{text.stale.show(view.latest)}</button>
    </div>
  );
}

function ShareButton() {
  const view = useView();
  const [said, setSaid] = useState(false);
  const copy = (): void => {
    const address = shareAddress(view);
    const done = (): void => {
      setSaid(true);
      window.setTimeout(() => setSaid(false), 3000);
    };
    // Without a clipboard (plain HTTP) the address bar itself becomes the link.
    if (window.isSecureContext) navigator.clipboard.writeText(address).then(done, () => changeState(view, { release: view.release }));
    else changeState(view, { release: view.release });
  };
  return (
    <>
      <button type="button" onClick={copy}>{text.share.copy}</button>
      <span class="visually-hidden" role="status">{said ? text.share.copied : ""}</span>
    </>
  );
}

function NavItem({ entry }: { entry: Entry }) {
  const view = useView();
  const current = entry.path === "/" ? view.path === "/" : view.path === entry.path || view.path.startsWith(`${entry.path}/`);
  return <li><Link to={pageAddress(view, entry.path)} current={current}>{entry.title}</Link></li>;
}

function NavGroup({ title, entries }: { title: string; entries: readonly Entry[] }) {
  return (
    <>
      <h2>{title}</h2>
      <ul>{entries.map((entry) => <NavItem key={entry.path} entry={entry} />)}</ul>
    </>
  );
}

function DashboardLinks({ dashboards }: { dashboards: readonly Schemas["Dashboard"][] }) {
  const groups = new Map<string, Schemas["Dashboard"][]>();
  for (const dashboard of dashboards) {
    const title = dashboard.group === "" ? text.pages.dashboards : dashboard.group;
    groups.set(title, [...(groups.get(title) ?? []), dashboard]);
  }
  return (
    <>
      {[...groups].map(([title, members]) => (
        <NavGroup
          key={title} title={title}
          entries={members.map((each) => ({ path: `/dashboards/${encodeURIComponent(each.name)}`, title: each.title }))}
        />
      ))}
    </>
  );
}
