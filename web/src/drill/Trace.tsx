import { useState } from "preact/hooks";
import { api, unwrap, type Schemas } from "../api/client";
import { useResource } from "../api/resource";
import { parseDecimal } from "../amounts/decimal";
import { formatAmount, formatCount } from "../amounts/format";
import { text } from "../text/catalogue";
import { Status } from "../ui/Page";
import { Loaded } from "../ui/States";
import { Table } from "../ui/Table";
import { chosenInputs } from "./through";

export interface TraceQuestion {
  readonly table: string;
  readonly release: number;
  readonly filters: readonly { column: string; value: string }[];
}

type TraceAnswer = Schemas["Trace"];

export function Trace({ question, onBack }: { question: TraceQuestion; onBack: () => void }) {
  const [through, setThrough] = useState<readonly string[]>([]);
  const trace = useResource(`release:trace:${JSON.stringify([question, through])}`, (signal) =>
    unwrap(api.GET("/tables/{table}/trace", {
      params: {
        path: { table: question.table },
        query: {
          release: question.release, limit: 200,
          filter: question.filters.map((each) => `${each.column}:eq:${each.value}`),
          ...(through.length === 0 ? {} : { through: through.join(",") }),
        },
      },
      signal,
    })));
  return (
    <>
      <div><button type="button" onClick={onBack}>{text.back}</button></div>
      <p class="muted">{question.table} · {question.filters.map((each) => `${each.column} = ${each.value}`).join(" · ")}</p>
      <Loaded of={trace}>{(answer) => <TraceLevels answer={answer} through={through} onThrough={setThrough} />}</Loaded>
    </>
  );
}

function amountText(amount: string | null): string {
  const value = amount === null ? null : parseDecimal(amount);
  return value === null ? "" : formatAmount(value);
}

const kStates: Readonly<Record<TraceAnswer["verdict"], string>> = { agrees: "agrees", differs: "fail", uncompared: "neutral", no_amount: "neutral", no_rows: "neutral" };

interface LevelsProps {
  readonly answer: TraceAnswer;
  readonly through: readonly string[];
  readonly onThrough: (names: readonly string[]) => void;
}

function TraceLevels({ answer, through, onThrough }: LevelsProps) {
  return (
    <>
      <p data-testid="trace-proof"><Status of={kStates[answer.verdict]} label={text.drill.traceVerdicts[answer.verdict]} /></p>
      {answer.limited ? <p class="note">{text.drill.limited}</p> : null}
      {answer.notes.map((note) => <p class="note" key={note}>{note}</p>)}
      <Table
        caption={text.drill.level} rows={answer.levels}
        columns={[
          { name: "layer", title: text.tables.layer, cell: (level) => level.layer },
          { name: "table", title: text.drill.table, cell: (level) => level.table },
          { name: "version", title: text.tables.version, numeric: true, cell: (level) => level.version },
          { name: "rows", title: text.tables.rows, numeric: true, cell: (level) => formatCount(level.rows) },
          { name: "amount", title: text.drill.amount, numeric: true, cell: (level) => amountText(level.amount) },
          { name: "inputs", title: text.drill.madeOf, cell: (level) => <Inputs level={level} answer={answer} through={through} onThrough={onThrough} /> },
          { name: "notes", title: text.drill.notes, wide: true, cell: (level) => level.notes.map((note) => <div class="small" key={note}>{note}</div>) },
          { name: "agrees", title: text.drill.state, cell: (level) => level.agrees === null ? "" : <Status of={level.agrees ? "agrees" : "fail"} label={level.agrees ? text.quality.yes : text.quality.no} /> },
        ]}
      />
      <h3>{text.drill.records}</h3>
      <Records records={answer.records} />
    </>
  );
}

/** The tables that a level may be followed into, where there is a choice. */
function Inputs({ level, answer, through, onThrough }: LevelsProps & { level: TraceAnswer["levels"][number] }) {
  if (level.inputs.length < 2) return null;
  return (
    <>
      {level.inputs.map((name) => {
        const chosen = through.includes(name);
        return (
          <button
            type="button" key={name} aria-pressed={chosen} title={text.drill.follow(name)}
            onClick={() => onThrough(chosenInputs(answer.levels, level, through, chosen ? null : name))}
          >
            {name}
          </button>
        );
      })}
    </>
  );
}

function Records({ records }: { records: TraceAnswer["records"] }) {
  return (
    <Table
      caption={text.drill.records} rows={records}
      columns={[
        { name: "file", title: text.drill.file, wide: true, cell: (record) => record.file },
        { name: "line", title: text.drill.line, numeric: true, cell: (record) => record.line },
        { name: "state", title: text.drill.state, cell: (record) => text.drill.states[record.state] },
        { name: "amount", title: text.drill.amount, numeric: true, cell: (record) => amountText(record.amount) },
        { name: "raw", title: text.drill.raw, wide: true, cell: (record) => <code>{record.raw}</code> },
      ]}
    />
  );
}
