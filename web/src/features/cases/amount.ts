// Amounts as people type them. What could be read in two ways is refused: "120,50" is no 12050.
import { neededDigits, parseDecimal } from "../../amounts/decimal";
import type { Schemas } from "../../api/client";

const kPlain = /^-?\d+(?:\.\d+)?$/;
const kGrouped = /^-?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/;
const kMoneyPlaces = 2;

export type AmountFault = "form" | "places" | "zero";
export type TypedAmount =
  | { readonly amount: string; readonly isBelowZero: boolean; readonly fault: null }
  | { readonly amount: null; readonly isBelowZero: false; readonly fault: AmountFault };

function wrong(fault: AmountFault): TypedAmount {
  return { amount: null, isBelowZero: false, fault };
}

/** Digits with a point, in groups of three if one likes, with at most `places` after the point. */
export function readAmount(typed: string, places: number): TypedAmount {
  const text = typed.trim();
  if (!kPlain.test(text) && !kGrouped.test(text)) return wrong("form");
  const amount = text.replaceAll(",", "");
  const value = parseDecimal(amount);
  if (value === null) return wrong("form");
  if (value.scale > places) return wrong("places");
  if (value.units === 0n) return wrong("zero");
  return { amount, isBelowZero: value.units < 0n, fault: null };
}

/** Places that an amount of this money may have: those of money, or as many as it has already. */
export function placesOf(money: Schemas["CaseMoney"]): number {
  const amounts = [money.at_risk, money.recovered, ...(money.confirmed === null ? [] : [money.confirmed])];
  return Math.max(kMoneyPlaces, ...amounts.map((each) => {
    const value = parseDecimal(each.amount);
    return value === null ? 0 : neededDigits(value);
  }));
}
