// What every page knows: the project, the release that is shown, and the state in the address.
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Schemas } from "../api/client";
import { navigate } from "./location";
import { kEmptyState, writeState, type UrlState } from "./urlState";

export type Theme = "light" | "dark";

export interface View {
  readonly project: Schemas["Project"];
  readonly release: number; // the one that is shown
  readonly latest: number; // the newest one known
  readonly state: UrlState;
  readonly path: string;
  readonly theme: Theme;
  readonly projectEdits: number; // grows when a file of metrics or dashboards changed
}

export const ViewContext = createContext<View | null>(null);

export function useView(): View {
  const view = useContext(ViewContext);
  if (view === null) throw new Error("useView outside of the shell");
  return view;
}

/** Goes on with another state on the same page. */
export function changeState(view: View, change: Partial<UrlState>): void {
  navigate(view.path + writeState({ ...view.state, ...change }));
}

/** A link to another page that stays on the chosen release. */
export function pageAddress(view: View, path: string, keep: Partial<UrlState> = {}): string {
  return path + writeState({
    ...kEmptyState, release: view.state.release, ...keep,
  });
}

/** The link to hand on: it names the release even when the newest is shown. */
export function shareAddress(view: View): string {
  return window.location.origin + view.path + writeState({ ...view.state, release: view.release });
}
