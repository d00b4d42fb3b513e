// What an inbox shows, as the address holds it and as the API is asked for it.
import type { paths } from "../../api/generated/schema";
import type { Filter } from "../../view/urlState";
import type { Schemas } from "../../api/client";

export type CaseState = Schemas["Case"]["state"];
export type CaseQuery = NonNullable<paths["/cases"]["get"]["parameters"]["query"]>;

/** "" is no filter. */
export interface Inbox {
  readonly state: string; // "": to be looked at; "all"; or a state
  readonly detector: string;
  readonly owner: string;
  readonly currency: string;
  readonly min_money: string;
  readonly sort: string; // "": the surest first; "expected"
}

export const kWholeInbox: Inbox = { state: "", detector: "", owner: "", currency: "", min_money: "", sort: "" };
const kNames = Object.keys(kWholeInbox) as (keyof Inbox)[];

export function readInbox(filters: readonly Filter[]): Inbox {
  const inbox: Record<keyof Inbox, string> = { ...kWholeInbox };
  for (const name of kNames) inbox[name] = filters.find((filter) => filter.column === name)?.values[0] ?? "";
  return inbox;
}

export function writeInbox(inbox: Inbox): Filter[] {
  return kNames.filter((name) => inbox[name] !== "").map((name) => ({ column: name, op: "eq", values: [inbox[name]] }));
}

/** Whether it leaves out cases by more than their state being none to look at. */
export function isFiltered(inbox: Inbox): boolean {
  return kNames.some((name) => name !== "sort" && inbox[name] !== "" && !(name === "state" && inbox.state === "all"));
}

export function queryOf(inbox: Inbox): CaseQuery {
  const { state, sort, ...others } = inbox;
  return {
    ...Object.fromEntries(Object.entries(others).filter(([, value]) => value !== "")),
    ...(state === "" ? {} : { all: true }),
    ...(state === "" || state === "all" ? {} : { state }),
    // What is no order is for the API to refuse.
    ...(sort === "" ? {} : { sort: sort as NonNullable<CaseQuery["sort"]> }),
  };
}
