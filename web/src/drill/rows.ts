// Many pages of rows, and what is proven about them.
import { useEffect, useState } from "preact/hooks";
import { api, Failure, unwrap, type Schemas } from "../api/client";
import type { DrillTarget } from "../charts/target";
import { filterText } from "../view/urlState";

export type RowPage = Schemas["RowPage"];
export type Column = Schemas["Column"];
export type Row = Schemas["RowPage"]["rows"][number];

/** The first page is soon there; who asks for more wants many. */
export function pageSize(cursor: string | undefined): number {
  return cursor === undefined ? 100 : 1000;
}

export interface RowList {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  readonly total: RowPage["total"] | null;
  readonly next: string | null;
  readonly failure: Failure | null;
  readonly loading: boolean;
  readonly more: () => void;
  readonly retry: () => void;
}

interface State {
  readonly pages: readonly RowPage[];
  readonly failure: Failure | null;
  readonly loading: boolean;
}

/** Loads the first page when `key` changes and the next one when asked. */
export function useRows(key: string, load: (cursor: string | undefined, signal: AbortSignal) => Promise<RowPage>): RowList {
  const [state, setState] = useState<State>({ pages: [], failure: null, loading: true });
  const [asked, setAsked] = useState<{ cursor: string | undefined; attempt: number }>({ cursor: undefined, attempt: 0 });
  const [known, setKnown] = useState(key);
  if (known !== key) {
    setKnown(key);
    setState({ pages: [], failure: null, loading: true });
    setAsked({ cursor: undefined, attempt: 0 });
  }
  useEffect(() => {
    const control = new AbortController();
    setState((before) => ({ ...before, failure: null, loading: true }));
    load(asked.cursor, control.signal).then(
      (page) => {
        if (control.signal.aborted) return;
        setState((before) => ({ pages: asked.cursor === undefined ? [page] : [...before.pages, page], failure: null, loading: false }));
      },
      (cause: unknown) => {
        if (control.signal.aborted) return;
        const failure = cause instanceof Failure ? cause : new Failure(0, "", String(cause), null);
        setState((before) => ({ ...before, failure, loading: false }));
      },
    );
    return () => control.abort();
  }, [key, asked]);
  const last = state.pages[state.pages.length - 1];
  return {
    columns: last?.columns ?? [],
    rows: state.pages.flatMap((page) => page.rows),
    total: last?.total ?? null,
    next: last?.next_cursor ?? null,
    failure: state.failure,
    loading: state.loading,
    more: () => {
      if (last?.next_cursor !== null && last !== undefined) setAsked({ cursor: last.next_cursor, attempt: asked.attempt });
    },
    retry: () => setAsked({ cursor: asked.cursor, attempt: asked.attempt + 1 }),
  };
}

export function useTargetRows(target: DrillTarget): RowList {
  const filters = target.filters.map(filterText);
  const key = JSON.stringify([target.metric.name, target.release, target.start, target.end, filters]);
  return useRows(key, (cursor, signal) => unwrap(api.GET("/metrics/{metric}/rows", {
    params: {
      path: { metric: target.metric.name },
      query: {
        release: target.release, limit: pageSize(cursor), filter: filters,
        ...(target.start === null ? {} : { start: target.start }),
        ...(target.end === null ? {} : { end: target.end }),
        ...(cursor === undefined ? {} : { cursor }),
      },
    },
    signal,
  })));
}
