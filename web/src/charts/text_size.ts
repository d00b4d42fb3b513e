// How large the charting library takes texts to be. It takes the width of a Chinese character for the
// height of a line, and where a machine has no such letters that is the width of a placeholder, half as
// much: labels are cut off, and every machine lays charts out in its own way.
import { setPlatformAPI } from "echarts/core";

const kLineHeightProbe = "国";
const kFontSize = 12; // pixels, of a font that names no size

let pen: CanvasRenderingContext2D | null = null;

function measured(text: string, font = ""): { width: number } {
  if (text === kLineHeightProbe) return { width: Number(/([\d.]+)px/.exec(font)?.[1] ?? kFontSize) };
  pen ??= document.createElement("canvas").getContext("2d");
  if (pen === null) return { width: text.length * kFontSize };
  pen.font = font === "" ? `${String(kFontSize)}px sans-serif` : font;
  return pen.measureText(text);
}

setPlatformAPI({ measureText: measured });
