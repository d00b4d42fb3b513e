// Many pages of rows, and what is proven about them.
import { useEffect, useState } from "preact/hooks";
import { api, Failure, unwrap, type Schemas } from "../api/client";
import { add, compare, kZero, parseDecimal, subtract, type Decimal } from "../amounts/decimal";
import type { DrillTarget } from "../charts/target";
import { decimalOf } from "../charts/metricText";
import { filterText } from "../view/urlState";
import { isMoney } from "../ui/Cell";

export type RowPage = Schemas["RowPage"];
export type Column = Schemas["Column"];
export type Row = Schemas["RowPage"]["rows"][number];

const kPage = 100;

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
        release: target.release, limit: kPage, filter: filters,
        ...(target.start === null ? {} : { start: target.start }),
        ...(target.end === null ? {} : { end: target.end }),
        ...(cursor === undefined ? {} : { cursor }),
      },
    },
    signal,
  })));
}

export interface SumOfColumn {
  readonly column: string;
  readonly currency: string;
  readonly sum: Decimal;
}

/** The exact sums of the amount columns over the rows at hand. */
export function sumsOf(columns: readonly Column[], rows: readonly Row[]): SumOfColumn[] {
  const sums = new Map<string, SumOfColumn>();
  columns.forEach((column, index) => {
    if (!column.money) return;
    for (const row of rows) {
      const value = row[index];
      if (!isMoney(value)) continue;
      const key = `${column.name}/${value.currency}`;
      const before = sums.get(key)?.sum ?? kZero;
      sums.set(key, { column: column.name, currency: value.currency, sum: add(before, parseDecimal(value.amount) ?? kZero) });
    }
  });
  return [...sums.values()];
}

export interface Proof {
  readonly column: string; // "" when rows are counted
  readonly sum: Decimal | null;
  readonly difference: Decimal | null; // null: nothing to compare with
}

/** The total of the rows against the number that was opened. */
export function proofOf(target: DrillTarget, total: RowPage["total"]): Proof {
  const value = decimalOf(target.value);
  if (target.metric.unit !== "money") {
    const counted: Decimal = { units: BigInt(total.rows), scale: 0 };
    const counts = target.metric.unit === "count" && value !== null && (target.rows === null || compare(counted, value) === 0);
    return { column: "", sum: counts ? counted : null, difference: counts ? subtract(counted, value) : null };
  }
  const currency = typeof target.value === "object" && target.value !== null ? target.value.currency : "";
  const sums = total.sums.filter((each) => each.sum.currency === currency);
  const named = sums.find((each) => target.metric.sql.toLowerCase().includes(each.column.toLowerCase()));
  const chosen = named ?? sums[0];
  const sum = chosen === undefined ? null : parseDecimal(chosen.sum.amount);
  if (sum === null || value === null || chosen === undefined) return { column: "", sum: null, difference: null };
  const same = subtract(sum, value);
  const opposite = add(sum, value); // metrics may turn the sign of what they sum
  const difference = compare(opposite, kZero) === 0 ? kZero : same;
  return { column: chosen.column, sum, difference };
}

