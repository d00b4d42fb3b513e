// Many pages of rows, and what is proven about them.
import { useEffect, useMemo, useState } from "preact/hooks";
import { api, asFailure, unwrap, type Failure, type Schemas } from "../api/client";
import type { DrillTarget } from "../charts/target";
import { cellDigits } from "../ui/Cell";
import { filterText } from "../view/urlState";
import { joinSums, sumsOf, type ColumnSum } from "./proof";

export type RowPage = Schemas["RowPage"];
export type Column = Schemas["Column"];
export type Row = Schemas["RowPage"]["rows"][number];

/** The first page is soon there; who asks for more wants many, and who asks for all the most. */
export function pageSize(cursor: string | undefined, all: boolean): number {
  return cursor === undefined ? 100 : all ? 10_000 : 1000;
}

/** More rows than these are for a file, not for a page. */
export const kRowsShownMax = 200_000;

export interface RowList {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  readonly digits: readonly (number | undefined)[]; // of each column, so that its amounts align
  readonly sumsOf: (counted: string | null) => ColumnSum[]; // of the rows at hand
  readonly total: RowPage["total"] | null;
  readonly next: string | null;
  readonly failure: Failure | null;
  readonly loading: boolean;
  readonly more: () => void;
  readonly all: () => void; // page after page, until the last or a failure
  readonly loadingAll: boolean;
  readonly retry: () => void;
}

interface State {
  readonly pages: readonly RowPage[];
  readonly failure: Failure | null;
  readonly loading: boolean;
}

// A page never changes, so what is worked out of its rows is kept with it.
const kDigits = new WeakMap<RowPage, (number | undefined)[]>();
const kSums = new WeakMap<RowPage, Map<string | null, ColumnSum[]>>();

function digitsOf(page: RowPage): (number | undefined)[] {
  const known = kDigits.get(page) ?? page.columns.map((column, index) => cellDigits(column, page.rows.map((row) => row[index])));
  kDigits.set(page, known);
  return known;
}

function sumsOfPage(page: RowPage, counted: string | null): ColumnSum[] {
  const known = kSums.get(page) ?? new Map<string | null, ColumnSum[]>();
  kSums.set(page, known);
  const sums = known.get(counted) ?? sumsOf(page.columns, page.rows, counted);
  known.set(counted, sums);
  return sums;
}

function joinDigits(pages: readonly RowPage[]): (number | undefined)[] {
  const columns = pages[0]?.columns ?? [];
  return columns.map((_, index) => {
    const digits = pages.map((page) => digitsOf(page)[index]).filter((each) => each !== undefined);
    return digits.length === 0 ? undefined : Math.max(...digits);
  });
}

interface Asked {
  readonly cursor: string | undefined;
  readonly all: boolean;
  readonly attempt: number;
}

const kFirst: Asked = { cursor: undefined, all: false, attempt: 0 };

/** Loads the first page when `key` changes and the next one when asked. */
export function useRows(key: string, load: (cursor: string | undefined, limit: number, signal: AbortSignal) => Promise<RowPage>): RowList {
  const [state, setState] = useState<State>({ pages: [], failure: null, loading: true });
  const [asked, setAsked] = useState(kFirst);
  const [known, setKnown] = useState(key);
  if (known !== key) {
    setKnown(key);
    setState({ pages: [], failure: null, loading: true });
    setAsked(kFirst);
  }
  useEffect(() => {
    const control = new AbortController();
    setState((before) => ({ ...before, failure: null, loading: true }));
    load(asked.cursor, pageSize(asked.cursor, asked.all), control.signal).then(
      (page) => {
        if (control.signal.aborted) return;
        const goesOn = asked.all && page.next_cursor !== null;
        setState((before) => ({ pages: asked.cursor === undefined ? [page] : [...before.pages, page], failure: null, loading: goesOn }));
        if (goesOn) setAsked({ ...asked, cursor: page.next_cursor ?? undefined });
      },
      (cause: unknown) => {
        if (control.signal.aborted) return;
        const failure = asFailure(cause);
        setState((before) => ({ ...before, failure, loading: false }));
      },
    );
    return () => control.abort();
  }, [key, asked]);
  const last = state.pages[state.pages.length - 1];
  const rows = useMemo(() => state.pages.flatMap((page) => page.rows), [state.pages]);
  const next = (all: boolean): void => {
    if (last?.next_cursor !== null && last !== undefined) setAsked({ cursor: last.next_cursor, all, attempt: asked.attempt });
  };
  return {
    columns: last?.columns ?? [],
    rows,
    digits: joinDigits(state.pages),
    sumsOf: (counted) => joinSums(state.pages.map((page) => sumsOfPage(page, counted))),
    total: last?.total ?? null,
    next: last?.next_cursor ?? null,
    failure: state.failure,
    loading: state.loading,
    more: () => next(false),
    all: () => next(true),
    loadingAll: state.loading && asked.all,
    retry: () => setAsked({ ...asked, attempt: asked.attempt + 1 }),
  };
}

export function useTargetRows(target: DrillTarget): RowList {
  const filters = target.filters.map(filterText);
  const key = JSON.stringify([target.metric.name, target.release, target.start, target.end, filters]);
  return useRows(key, (cursor, limit, signal) => unwrap(api.GET("/metrics/{metric}/rows", {
    params: {
      path: { metric: target.metric.name },
      query: {
        release: target.release, limit, filter: filters,
        ...(target.start === null ? {} : { start: target.start }),
        ...(target.end === null ? {} : { end: target.end }),
        ...(cursor === undefined ? {} : { cursor }),
      },
    },
    signal,
  })));
}
