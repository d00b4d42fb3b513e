import { useState } from "preact/hooks";
import { api, Failure, unwrap, type Schemas } from "../../api/client";
import { useResource } from "../../api/resource";
import { formatCount } from "../../amounts/format";
import { text } from "../../text/catalogue";
import { addDays, addMonths, startOfMonth, weekday } from "../../time/dates";
import { Page, Status } from "../../ui/Page";
import { Empty, Loaded } from "../../ui/States";
import { useView } from "../../view/view";

type Completeness = Schemas["Completeness"];
type Day = Completeness["days"][number];

interface Offered {
  readonly table: string;
  readonly answer: Completeness | null;
}

export function CompletenessPage() {
  const view = useView();
  const [chosen, setChosen] = useState<string | null>(null);
  const tables = useResource(`release:${view.release}:tables`, (signal) =>
    unwrap(api.GET("/tables", { params: { query: { release: view.release } }, signal })));
  const names = (tables.data?.tables ?? []).filter((table) => table.layer === "gold").map((table) => table.name);
  const first = useResource(names.length === 0 ? null : `release:${view.release}:days:first:${names.join()}`, (signal) => firstWithDays(names, view.release, signal));
  const table = chosen ?? first.data?.table ?? null;
  const days = useResource(table === null ? null : `release:${view.release}:days:${table}`, (signal) => daysOf(table ?? "", view.release, signal));
  return (
    <Page
      title={text.completeness.title}
      actions={
        <label>
          {text.completeness.table}
          <select value={table ?? ""} onChange={(event) => setChosen(event.currentTarget.value)}>
            {table === null ? <option value="">{text.completeness.choose}</option> : null}
            {names.map((name) => <option key={name} value={name}>{name}</option>)}
          </select>
        </label>
      }
    >
      <Loaded of={tables} height={300}>
        {() => first.data !== null && first.data.answer === null && chosen === null
          ? <Empty title={text.completeness.noTables} hint={text.completeness.noTablesHint} />
          : <Loaded of={days} height={300}>{(answer) => <Calendar answer={answer} />}</Loaded>}
      </Loaded>
    </Page>
  );
}

function daysOf(table: string, release: number, signal: AbortSignal): Promise<Completeness> {
  return unwrap(api.GET("/completeness", { params: { query: { table, release } }, signal }));
}

function openDays(answer: Completeness): number {
  return answer.days.filter((day) => day.status !== "complete").length;
}

/** The table with most days to look at, else the first that has days; others answer that they have none. */
async function firstWithDays(names: readonly string[], release: number, signal: AbortSignal): Promise<Offered> {
  let best: Offered = { table: names[0] ?? "", answer: null };
  for (const table of names) {
    try {
      const answer = await daysOf(table, release, signal);
      if (answer.days.length === 0) continue;
      if (best.answer === null || openDays(answer) > openDays(best.answer)) best = { table, answer };
    } catch (cause) {
      if (!(cause instanceof Failure) || cause.status >= 500 || cause.status === 0) throw cause;
    }
  }
  return best;
}

function Calendar({ answer }: { answer: Completeness }) {
  const days = new Map(answer.days.map((day) => [day.day, day]));
  const sorted = [...days.keys()].sort();
  const [first, last] = [sorted[0], sorted[sorted.length - 1]];
  if (first === undefined || last === undefined) return <Empty title={text.states.noRows} />;
  const months: string[] = [];
  for (let month = startOfMonth(last); month >= startOfMonth(first); month = addMonths(month, -1)) months.push(month);
  const count = (status: Day["status"]): number => answer.days.filter((day) => day.status === status).length;
  return (
    <>
      <div class="figures">
        <div>
          <div class="figure-main">{formatCount(count("complete"))} / {formatCount(answer.days.length)}</div>
          <div class="figure-note">
            <Status of="complete" label={text.completeness.complete} />{" · "}
            <Status of="neutral" label={`${formatCount(count("incomplete"))} ${text.completeness.incomplete}`} />{" · "}
            <Status of={count("missing") > 0 ? "missing" : "neutral"} label={`${formatCount(count("missing"))} ${text.completeness.missing}`} />
          </div>
        </div>
      </div>
      <ul class="calendar calendar-key" aria-label={text.completeness.legend}>
        {(["complete", "incomplete", "missing"] as const).map((status) => (
          <li key={status}><span class={`day ${status}`} aria-hidden="true">{kSigns[status]}</span> {text.completeness[status]}</li>
        ))}
        <li><span class="day complete restated" aria-hidden="true" /> {text.completeness.restated}</li>
      </ul>
      <div class="calendar-months">{months.map((month) => <Month key={month} month={month} days={days} />)}</div>
    </>
  );
}

const kSigns: Record<Day["status"], string> = { complete: "", incomplete: "…", missing: "✕" };

function Month({ month, days }: { month: string; days: ReadonlyMap<string, Day> }) {
  const weeks: string[] = [];
  for (let week = addDays(month, -weekday(month)); week < addMonths(month, 1); week = addDays(week, 7)) weeks.push(week);
  return (
    <table class="calendar">
      <caption>{month.slice(0, 7)}</caption>
      <thead><tr>{text.panel.weekdays.map((name) => <th key={name} scope="col">{name}</th>)}</tr></thead>
      <tbody>
        {weeks.map((week) => (
          <tr key={week}>
            {text.panel.weekdays.map((_, index) => {
              const day = addDays(week, index);
              return <td key={day}>{day.slice(0, 7) === month.slice(0, 7) ? <DayBox day={day} facts={days.get(day)} /> : null}</td>;
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function DayBox({ day, facts }: { day: string; facts: Day | undefined }) {
  if (facts === undefined) return <span class="day none muted" title={text.completeness.noDay}>{Number(day.slice(8))}</span>;
  const parts = [text.completeness.day(day, text.completeness[facts.status], formatCount(facts.rows))];
  if (facts.first_release !== null) parts.push(text.completeness.firstRelease(facts.first_release));
  if (facts.restated) parts.push(text.completeness.restated);
  return (
    <span class={`day ${facts.status}${facts.restated ? " restated" : ""}`} title={parts.join(", ")}>
      <span aria-hidden="true">{Number(day.slice(8))}{kSigns[facts.status]}</span>
      <span class="visually-hidden">{parts.join(", ")}</span>
    </span>
  );
}
