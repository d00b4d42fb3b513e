import { describe, expect, it } from "vitest";
import { kEmptyState, readState, writeState } from "../../view/urlState";
import { isFiltered, kWholeInbox, queryOf, readInbox, writeInbox, type Inbox } from "./inbox";

describe("an inbox", () => {
  it("is in the address as it is", () => {
    const inbox: Inbox = { state: "confirmed", detector: "dup", owner: "a|b: c", currency: "EUR", min_money: "100.50", sort: "expected" };
    const address = writeState({ ...kEmptyState, filters: writeInbox(inbox) });
    expect(readInbox(readState(address).filters)).toEqual(inbox);
    expect(writeInbox(kWholeInbox)).toEqual([]);
    expect(readInbox([])).toEqual(kWholeInbox);
  });

  it("asks for open cases, all, or those of a state", () => {
    expect(queryOf(kWholeInbox)).toEqual({});
    expect(queryOf({ ...kWholeInbox, state: "all" })).toEqual({ all: true });
    expect(queryOf({ ...kWholeInbox, state: "merged", owner: "ann", sort: "expected" })).toEqual({ all: true, state: "merged", owner: "ann", sort: "expected" });
  });

  it("knows whether it leaves cases out", () => {
    expect(isFiltered({ ...kWholeInbox, sort: "expected" })).toBe(false);
    expect(isFiltered({ ...kWholeInbox, state: "all" })).toBe(false);
    expect(isFiltered({ ...kWholeInbox, state: "new" })).toBe(true);
    expect(isFiltered({ ...kWholeInbox, min_money: "1" })).toBe(true);
  });
});
