// Small signs, drawn in the colour of the text around them. They say nothing to screen readers: a word stands beside each.

const PATHS = {
  tick: 'M3.5 8.5l3 3 6-7',
  cross: 'M4 4l8 8M12 4l-8 8',
  run: 'M8 2a6 6 0 1 1-6 6',
  wait: 'M8 4.5V8l2.5 1.5M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2z',
  skip: 'M3 4l5 4-5 4zM12.5 4v8',
  stop: 'M4.5 4.5h7v7h-7z',
  break: 'M8 2.5l6 11H2zM8 6.5v3.2M8 11.6v.4',
  branch: 'M5 3v10M5 9.5c5 0 6-1.500 6-4.500M5 3m-1.500 0a1.500 1.500 0 1 0 3 0a1.500 1.500 0 1 0-3 0M9.500 4a1.500 1.500 0 1 0 3 0a1.500 1.500 0 1 0-3 0M3.500 13a1.500 1.500 0 1 0 3 0a1.500 1.500 0 1 0-3 0',
  commit: 'M8 8m-2.500 0a2.500 2.500 0 1 0 5 0a2.500 2.500 0 1 0-5 0M1 8h4.500M10.500 8H15',
  link: 'M6.500 3.500H3v9.500h9.500V9.500M9 2.500h4.500V7M13 3L7.500 8.500',
  copy: 'M5.500 5.500v-3h8v8h-3M2.500 5.500h8v8h-8z',
  search: 'M7 2.500a4.500 4.500 0 1 0 0 9a4.500 4.500 0 0 0 0-9zM10.500 10.500L14 14',
  up: 'M3.500 10L8 5.500l4.500 4.500',
  down: 'M3.500 6L8 10.500 12.500 6',
  right: 'M6 3.500L10.500 8 6 12.500',
  more: 'M3 8h.01M8 8h.01M13 8h.01',
  sun: 'M8 5a3 3 0 1 0 0 6a3 3 0 0 0 0-6zM8 1v1.500M8 13.500V15M1 8h1.500M13.500 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1',
  moon: 'M13 9.500A5.500 5.500 0 0 1 6.500 3a5.500 5.500 0 1 0 6.500 6.500z',
  screen: 'M2 3h12v8H2zM5.500 13.500h5M8 11v2.500',
  wrap: 'M2 4h12M2 8h9.500a2 2 0 0 1 0 4H9M10.500 10.500L9 12l1.500 1.500M2 12h4',
  clock: 'M8 4.500V8l2.500 1.500M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2z',
  wide: 'M6 2.500H2.500V6M10 2.500h3.500V6M6 13.500H2.500V10M10 13.500h3.500V10',
  fold: 'M4 4h9M7 8h6M7 12h6M2.500 7l2 1.500-2 1.500',
  save: 'M8 2v8M4.500 7L8 10.500 11.500 7M2.500 13.500h11',
  plus: 'M8 3v10M3 8h10',
  key: 'M5.500 10.500m-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0M7.700 8.300L13.500 2.500M11 5l2 2',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, spins = false }: { name: IconName; spins?: boolean }) {
  return (
    <svg class={spins ? 'icon spins' : 'icon'} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
