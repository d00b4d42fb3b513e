// The parts of the charting library that are used; nothing else of it reaches the bundle.
import { BarChart, CustomChart, LineChart } from "echarts/charts";
import { GridComponent } from "echarts/components";
import { init, use, type EChartsType } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import "./text_size";

use([BarChart, CustomChart, LineChart, GridComponent, SVGRenderer]);

export { init, type EChartsType };
