import { text } from "../text/catalogue";

export interface Entry {
  readonly path: string;
  readonly title: string;
}

export const kDataPages: readonly Entry[] = [
  { path: "/metrics", title: text.pages.metrics },
  { path: "/tables", title: text.pages.tables },
  { path: "/sql", title: text.pages.sql },
];

export const kWorkPages: readonly Entry[] = [{ path: "/cases", title: text.pages.cases }];

export const kTrustPages: readonly Entry[] = [
  { path: "/releases", title: text.pages.releases },
  { path: "/quality", title: text.pages.quality },
  { path: "/quarantine", title: text.pages.quarantine },
  { path: "/completeness", title: text.pages.completeness },
  { path: "/lineage", title: text.pages.lineage },
  { path: "/runs", title: text.pages.runs },
];

/** The parts of a path, decoded; hostile or broken escapes stay as they are. */
export function pathParts(path: string): string[] {
  return path.split("/").filter((part) => part !== "").map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });
}
