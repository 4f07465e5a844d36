// A strip beside the log: where its errors, hits and steps are, and what of it is in sight. One canvas; the same is reachable by keys.
import { useLayoutEffect, useRef } from 'preact/hooks';
import { shade } from '../parts/theme.ts';
import type { LogModel } from './model.ts';

const COLOURS = {
  light: { error: '#c62f3b', hit: '#a86400', step: '#b9bec6', seen: 'rgb(90 100 115 / 0.18)' },
  dark: { error: '#f0727a', hit: '#e8bc4e', step: '#454d59', seen: 'rgb(160 170 185 / 0.2)' },
} as const;

export function Ruler({ model }: { model: LogModel }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  void model.version.value; // drawn anew when it counts up
  const colours = COLOURS[shade.value];
  useLayoutEffect(() => {
    const element = canvas.current;
    const pen = element?.getContext('2d');
    if (!element || !pen) return;
    const height = element.clientHeight;
    const width = element.clientWidth;
    const scale = window.devicePixelRatio || 1;
    if (element.height !== Math.round(height * scale)) element.height = Math.round(height * scale);
    if (element.width !== Math.round(width * scale)) element.width = Math.round(width * scale);
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, width, height);
    const [from, to] = model.place.seenShare;
    pen.fillStyle = colours.seen;
    pen.fillRect(0, from * height, width, Math.max(3, (to - from) * height));
    const marks = (lines: Iterable<number>, colour: string, inset: number): void => {
      pen.fillStyle = colour;
      let drawn = -2;
      for (const line of lines) {
        const y = Math.round(model.place.share(line) * (height - 2));
        if (y - drawn < 1 && y >= drawn) continue; // that pixel has its mark
        drawn = y;
        pen.fillRect(inset, y, width - inset * 2, 2);
      }
    };
    marks(model.stepLines.map((step) => step.first), colours.step, 0);
    if (model.found) marks(model.found.lines, colours.hit, 2);
    marks(model.errors.map((error) => error.line - 1), colours.error, 2);
  });
  const jump = (event: PointerEvent): void => {
    if (!event.buttons || !(event.currentTarget instanceof HTMLElement)) return;
    const box = event.currentTarget.getBoundingClientRect();
    model.following = { on: false, missed: 0 };
    model.place.goTo(((event.clientY - box.top) / box.height) * model.place.map.end);
    model.draw();
  };
  return <canvas ref={canvas} class="ruler" aria-hidden="true" onPointerDown={jump} onPointerMove={jump} />;
}
