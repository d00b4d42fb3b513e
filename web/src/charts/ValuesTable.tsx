// The table twin of a chart: the same values, every digit, each number opening its rows.
import type { ComponentChildren } from "preact";
import { columnDigits } from "../amounts/format";
import { periodName, type Grain } from "../time/dates";
import { text } from "../text/catalogue";
import { Table, type TableColumn } from "../ui/Table";
import { Change, Judged } from "./Change";
import {
  comparedName, currencyOf, decimalOf, formatNumber, formatValue, judgeRow, memberName, scenarioName, unitOf, type MetricRow, type MetricValues,
} from "./metricText";
import { rowName, runningShares } from "./model";
import { changeTarget, comparedTarget, targetOf, type DrillTarget } from "./target";
import type { ChartActions } from "./Chart";

interface ValuesTableProps extends ChartActions {
  readonly title: string;
  readonly values: MetricValues;
  readonly cumulative?: boolean; // with what each row and those above it are of the total
}

export function ValuesTable({ title, values, cumulative, onDrill, onMember }: ValuesTableProps) {
  const units = new Set([...values.rows, ...values.totals].map(currencyOf));
  const shared = units.size === 1 ? [...units][0] ?? "" : null;
  const { metric } = values;
  const judged = metric.scenario === "variance";
  const least = metric.unit === "money" ? 2 : 0;
  const digits = columnDigits([...values.rows, ...values.totals].flatMap((row) => [row.value, row.compared ?? null, row.change ?? null])
    .map(decimalOf).filter((value) => value !== null), least);
  const show = (row: MetricRow, value: MetricRow["value"] | undefined): string => {
    const decimal = decimalOf(value);
    if (decimal === null) return text.panel.noValue;
    const style = { digits, signed: judged };
    return shared === null ? formatValue(metric, currencyOf(row), decimal, style) : formatNumber(metric, decimal, style);
  };
  const titled = (name: string): string => {
    const unit = shared === null ? "" : unitOf(metric, shared);
    return unit === "" ? name : `${name}, ${unit}`;
  };
  const columns: TableColumn<MetricRow>[] = [];
  if (values.grain !== null) {
    columns.push({ name: "time", title: text.panel.time, cell: (row) => row.time === null ? text.panel.total : periodName(row.time, values.grain as Grain) });
  }
  for (const dimension of values.by) {
    const named = metric.dimensions.find((each) => each.name === dimension)?.title ?? dimension;
    columns.push({
      name: dimension, title: named, cell: (row) => {
        const member = row.dimensions[dimension] ?? null;
        if (onMember === null) return memberName(member);
        return <button type="button" class="plain clip" title={text.panel.filterTo(memberName(member))} onClick={() => onMember(dimension, member)}>{memberName(member)}</button>;
      },
    });
  }
  if (columns.length === 0) columns.push({ name: "metric", title: text.pages.metrics, cell: () => metric.title });
  columns.push({
    name: "value", title: titled(scenarioName(metric)), label: titled(scenarioName(metric)), numeric: true,
    cell: (row) => <Figure shown={judged ? <Judged judgement={judgeRow(metric, row)}>{show(row, row.value)}</Judged> : show(row, row.value)} target={targetOf(values, row, rowName(values, row))} onDrill={onDrill} />,
  });
  if (values.compare !== null) columns.push(...comparedColumns({ values, titled, show, onDrill, digits }));
  else if (values.by.length > 0 && values.rows.some((row) => row.share !== null && row.share !== undefined)) {
    columns.push({ name: "share", title: `${text.panel.share}, %`, numeric: true, cell: (row) => row.share ?? "" });
  }
  if (cumulative === true && shared !== null) {
    const shares = runningShares(values, shared);
    columns.push({ name: "cumulative", title: `${text.panel.cumulative}, %`, numeric: true, cell: (row) => shares[values.rows.indexOf(row)] ?? "" });
  }
  return (
    <Table
      caption={title} columns={columns} rows={values.rows}
      foot={values.rows.length === 0 || values.window !== null ? undefined : columns.map((column, index) => (
        index === 0 ? text.panel.total : column.name === "share" || column.name === "cumulative" || values.by.includes(column.name) ? null
          : values.totals.map((row) => <div key={currencyOf(row)}>{column.cell(row, 0)}</div>)
      ))}
    />
  );
}

interface ComparedProps {
  readonly values: MetricValues;
  readonly titled: (name: string) => string;
  readonly show: (row: MetricRow, value: MetricRow["value"] | undefined) => string;
  readonly onDrill: ChartActions["onDrill"];
  readonly digits: number;
}

function comparedColumns({ values, titled, show, onDrill, digits }: ComparedProps): TableColumn<MetricRow>[] {
  const name = comparedName(values.compare);
  return [
    {
      name: "compared", title: titled(name), label: titled(name), numeric: true, cell: (row) => {
        const target = comparedTarget(values, row, `${rowName(values, row)} · ${name}`);
        return <Figure shown={show(row, row.compared)} target={target} onDrill={onDrill} />;
      },
    },
    {
      name: "change", title: titled(`Δ${name}`), numeric: true, cell: (row) => {
        const change = <Change values={values} row={row} part="change" digits={digits} />;
        return <Figure shown={change} target={changeTarget(values, row, rowName(values, row))} onDrill={onDrill} />;
      },
    },
    { name: "growth", title: `Δ${name} %`, numeric: true, cell: (row) => <Change values={values} row={row} part="growth" /> },
  ];
}

interface FigureProps {
  readonly shown: ComponentChildren;
  readonly target: DrillTarget | null;
  readonly onDrill: ChartActions["onDrill"];
}

/** A number that opens its rows, where it has some. */
export function Figure({ shown, target, onDrill }: FigureProps) {
  if (target === null) return <>{shown}</>;
  return <button type="button" class="figure" onClick={() => onDrill(target)}>{shown}</button>;
}
