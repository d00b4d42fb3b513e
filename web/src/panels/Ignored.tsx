import { text } from "../text/catalogue";
import type { Filter } from "../view/urlState";
import { filterName } from "./FilterBar";
import type { Dashboard } from "./panelData";

interface IgnoredProps {
  readonly filters: readonly Filter[];
  readonly page: Pick<Dashboard, "filters">;
  readonly range: boolean; // whether the page has a range that the panel does not follow
}

/** Whoever filters a page must see which of its numbers are not filtered. */
export function Ignored({ filters, page, range }: IgnoredProps) {
  const titles = new Map(page.filters.map((each) => [each.dimension, each.title]));
  const names = filters.map((filter) => filterName(filter, titles.get(filter.column) ?? filter.column));
  const all = range ? [text.filters.range, ...names] : names;
  return all.length === 0 ? null : <p class="note">{text.panel.notFiltered(all.join("; "))}</p>;
}
