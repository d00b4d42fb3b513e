// A picture of a chart. It is drawn anew on a canvas by the same library, because turning SVG into a
// picture would need an image address of a kind that the content policy refuses.
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import type { Theme } from "../view/view";
import type { ChartModel } from "./model";
import { chartHeight, chartOption } from "./option";
import "./text_size";
import { kColors } from "./theme";

use([CanvasRenderer]);

const kWidth = 960;
const kScale = 2;
const kMargin = 24;
const kHead = 56;

export interface PictureText {
  readonly title: string;
  readonly notes: string; // release, range, filters: what makes the picture checkable
}

export async function chartPicture(model: ChartModel, theme: Theme, words: PictureText): Promise<Blob> {
  const height = chartHeight(model);
  const width = kWidth - 2 * kMargin;
  const holder = document.createElement("div");
  const chart = init(holder, null, { renderer: "canvas", width, height, devicePixelRatio: kScale });
  chart.setOption(chartOption(model, { theme, width }), true);
  const colors = kColors[theme];
  const canvas = document.createElement("canvas");
  canvas.width = kWidth * kScale;
  canvas.height = (height + kHead + kMargin) * kScale;
  const pen = canvas.getContext("2d");
  if (pen === null) throw new Error("no canvas");
  pen.scale(kScale, kScale);
  pen.fillStyle = colors.paper;
  pen.fillRect(0, 0, kWidth, height + kHead + kMargin);
  pen.fillStyle = colors.ink;
  pen.font = "600 16px system-ui, sans-serif";
  pen.fillText(words.title, kMargin, 26, width);
  pen.fillStyle = colors.muted;
  pen.font = "12px system-ui, sans-serif";
  pen.fillText(words.notes, kMargin, 44, width);
  pen.drawImage(chart.renderToCanvas({ pixelRatio: kScale, backgroundColor: colors.paper }), kMargin, kHead, width, height);
  chart.dispose();
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob === null ? reject(new Error("no picture")) : resolve(blob)), "image/png");
  });
}
