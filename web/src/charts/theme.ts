import type { Theme } from "../view/view";

export interface ChartColors {
  readonly paper: string;
  readonly ink: string;
  readonly muted: string;
  readonly line: string;
  readonly actual: string;
  readonly compared: string;
  readonly hatch: string;
  readonly total: string;
  readonly rest: string;
  readonly good: string;
  readonly bad: string;
  readonly parts: readonly string[];
  readonly low: readonly [number, number, number]; // of a heat map
  readonly high: readonly [number, number, number];
  readonly neither: readonly [number, number, number]; // neither good nor bad
  readonly goodHigh: readonly [number, number, number]; // of a heat map of variances
  readonly badHigh: readonly [number, number, number];
}

// The parts differ in lightness as well as in hue, so that they stay apart for colour-blind eyes.
export const kColors: Record<Theme, ChartColors> = {
  light: {
    paper: "#ffffff", ink: "#16202c", muted: "#526070", line: "#d8dde4",
    actual: "#3a4a5e", compared: "#b9c2cd", hatch: "#7c8794", total: "#3a4a5e", rest: "#c5ccd4",
    good: "#2f8f5b", bad: "#c2372d",
    parts: ["#1f4e79", "#e0912f", "#5aa5a0", "#8c4f7f", "#a8c6e5", "#6e7f2f", "#c9685a", "#c5ccd4"],
    low: [236, 242, 249], high: [24, 73, 122], neither: [243, 244, 246], goodHigh: [22, 104, 62], badHigh: [158, 32, 26],
  },
  dark: {
    paper: "#11161d", ink: "#e5eaf1", muted: "#a3b0c0", line: "#303b49",
    actual: "#b4c3d4", compared: "#4a5767", hatch: "#8593a4", total: "#b4c3d4", rest: "#566273",
    good: "#57c48a", bad: "#f0766a",
    parts: ["#7fb2e5", "#e8a04a", "#57a39d", "#c08ab5", "#3f6c99", "#a9ba62", "#d98375", "#566273"],
    low: [25, 36, 50], high: [146, 196, 244], neither: [30, 37, 46], goodHigh: [104, 210, 150], badHigh: [248, 128, 116],
  },
};

type Rgb = readonly [number, number, number];

/** Between `low` and `high`; `share` from 0 to 1. */
export function heatPlace(low: Rgb, high: Rgb, share: number): Rgb {
  const [red, green, blue] = low.map((from, index) => Math.round(from + ((high[index] ?? from) - from) * share));
  return [red ?? 0, green ?? 0, blue ?? 0];
}

export function heatColor(place: Rgb): string {
  return `rgb(${place.join(",")})`;
}

/** Relative luminance as WCAG 2.2 defines it. */
function luminance(color: Rgb): number {
  const [red, green, blue] = color.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** White or near black, whichever is easier to read on the place. */
export function heatInk(place: Rgb): string {
  const light = luminance(place);
  return (light + 0.05) / (kBlackLuminance + 0.05) > 1.05 / (light + 0.05) ? "#0b1016" : "#ffffff";
}

const kBlackLuminance = luminance([11, 16, 22]);
