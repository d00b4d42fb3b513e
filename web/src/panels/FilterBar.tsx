import { useState } from "preact/hooks";
import { api, unwrap, type Schemas } from "../api/client";
import { useResource } from "../api/resource";
import { memberName } from "../charts/metricText";
import { text } from "../text/catalogue";
import { isDay } from "../time/dates";
import { Loaded } from "../ui/States";
import { changeState, useView } from "../view/view";
import { isRangeName, kRangeNames, toggleMember, type Filter } from "../view/urlState";
import type { Dashboard } from "./panelData";

/** `idle` are filters that no panel follows. */
export function FilterBar({ dashboard, idle }: { dashboard: Dashboard; idle: readonly Filter[] }) {
  const view = useView();
  return (
    <div class="toolbar" role="group" aria-label={text.filters.title}>
      <RangeChoice fallback={dashboard.default_range} />
      <CompareChoice />
      {dashboard.filters.map((filter) => <MemberChoice key={filter.dimension} filter={filter} metric={dashboard.metric} />)}
      <ActiveFilters filters={view.state.filters} idle={idle} titles={new Map(dashboard.filters.map((each) => [each.dimension, each.title]))} />
    </div>
  );
}

export function RangeChoice({ fallback }: { fallback: string }) {
  const view = useView();
  const { start, end, range } = view.state;
  const own = start !== null || end !== null;
  const [custom, setCustom] = useState(false);
  const chosen = own || custom ? "custom" : range ?? (isRangeName(fallback) ? fallback : "all");
  const choose = (value: string): void => {
    setCustom(value === "custom");
    if (isRangeName(value)) changeState(view, { range: value, start: null, end: null });
  };
  return (
    <>
      <label>
        {text.filters.range}
        <select value={chosen} onChange={(event) => choose(event.currentTarget.value)}>
          {kRangeNames.map((name) => <option key={name} value={name}>{text.filters.ranges[name]}</option>)}
          <option value="custom">{text.filters.custom}</option>
        </select>
      </label>
      {chosen === "custom" ? (
        <>
          <DayField title={text.filters.from} value={start} onDay={(day) => changeState(view, { start: day, range: null })} />
          <DayField title={text.filters.before} value={end} onDay={(day) => changeState(view, { end: day, range: null })} />
        </>
      ) : null}
    </>
  );
}

function DayField({ title, value, onDay }: { title: string; value: string | null; onDay: (day: string | null) => void }) {
  const take = (day: string): void => {
    if (day === "" || isDay(day)) onDay(day === "" ? null : day);
  };
  return <label>{title}<input type="date" value={value ?? ""} onChange={(event) => take(event.currentTarget.value)} /></label>;
}

const kReleasesOffered = 20;

export function CompareChoice() {
  const view = useView();
  const releases = useResource(`releases:${view.latest}`, (signal) =>
    unwrap(api.GET("/releases", { params: { query: { limit: kReleasesOffered } }, signal })));
  const chosen = view.state.compare ?? "";
  const others = (releases.data?.releases ?? []).filter((each) => each.number !== view.release && each.status === "published");
  const named = chosen.startsWith("release:") && !others.some((each) => chosen === `release:${each.number}`);
  return (
    <label>
      {text.filters.compare}
      <select value={chosen} onChange={(event) => changeState(view, { compare: event.currentTarget.value === "" ? null : event.currentTarget.value })}>
        <option value="">{text.filters.asDefined}</option>
        <option value="none">{text.filters.none}</option>
        <option value="prior_period">{text.filters.priorPeriod}</option>
        <option value="prior_year">{text.filters.priorYear}</option>
        {named ? <option value={chosen}>{chosen}</option> : null}
        {others.map((each) => <option key={each.number} value={`release:${each.number}`}>{text.releaseNumber(each.number)}</option>)}
      </select>
    </label>
  );
}

interface MemberChoiceProps {
  readonly filter: Schemas["Dashboard"]["filters"][number];
  readonly metric: string | null;
}

function MemberChoice({ filter, metric }: MemberChoiceProps) {
  const view = useView();
  const [opened, setOpened] = useState(false);
  const own = view.state.filters.find((each) => each.column === filter.dimension);
  const count = own === undefined ? 0 : Math.max(1, own.values.length);
  return (
    <details class="popover" onToggle={(event) => setOpened(event.currentTarget.open)}>
      <summary>{filter.title}{count === 0 ? "" : ` · ${text.filters.chosen(count)}`}</summary>
      {opened && metric !== null ? <Members filter={filter} metric={metric} own={own} /> : null}
    </details>
  );
}

function Members({ filter, metric, own }: { filter: MemberChoiceProps["filter"]; metric: string; own: Filter | undefined }) {
  const view = useView();
  const [typed, setTyped] = useState("");
  const members = useResource(`release:members:${JSON.stringify([metric, filter.dimension, view.release, typed])}`, (signal) =>
    unwrap(api.GET("/metrics/{metric}/members", {
      params: { path: { metric }, query: { dimension: filter.dimension, release: view.release, ...(typed === "" ? {} : { contains: typed }) } },
      signal,
    })));
  const isChosen = (member: string | null): boolean => member === null ? own?.op === "null" : own?.values.includes(member) === true;
  return (
    <div>
      <input type="search" aria-label={text.filters.find} placeholder={text.filters.find} value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
      <Loaded of={members}>
        {(answer) => (
          <>
            {answer.members.map((member) => (
              <label class="check" key={member ?? "\u0000"}>
                <input
                  type="checkbox" checked={isChosen(member)}
                  onChange={() => changeState(view, { filters: toggleMember(view.state.filters, filter.dimension, member) })}
                />
                <span>{memberName(member)}</span>
              </label>
            ))}
          </>
        )}
      </Loaded>
    </div>
  );
}

export function filterName(filter: Filter, title: string): string {
  const op = filter.op === "eq" || filter.op === "in" ? "=" : text.tables.ops[filter.op];
  return `${title} ${op} ${filter.op === "null" ? "" : filter.values.map(memberName).join(", ")}`.trim();
}

interface ActiveFiltersProps {
  readonly filters: readonly Filter[];
  readonly idle?: readonly Filter[];
  readonly titles: ReadonlyMap<string, string>;
}

export function ActiveFilters({ filters, idle = [], titles }: ActiveFiltersProps) {
  const view = useView();
  if (filters.length === 0) return null;
  return (
    <>
      <ul class="chips" aria-label={text.filters.title}>
        {filters.map((filter, index) => {
          const name = filterName(filter, titles.get(filter.column) ?? filter.column);
          return (
            <li class={idle.includes(filter) ? "chip idle" : "chip"} key={index}>
              <span title={name}>{name}</span>
              {idle.includes(filter) ? <em>{text.filters.idle}</em> : null}
              <button
                type="button" class="plain" aria-label={text.remove(name)}
                onClick={() => changeState(view, { filters: view.state.filters.filter((_, other) => other !== index) })}
              >
                <span aria-hidden="true">✕</span>
              </button>
            </li>
          );
        })}
      </ul>
      <button type="button" class="plain" onClick={() => changeState(view, { filters: [] })}>{text.filters.clear}</button>
    </>
  );
}
