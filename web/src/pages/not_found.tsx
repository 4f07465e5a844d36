import { Heading } from '../parts/heading.tsx';
import { paletteOpen } from '../parts/palette.tsx';

export function NotFound() {
  return (
    <>
      <Heading title="There is no such page" />
      <p>The address may be mistyped, or what it named was deleted.</p>
      <p class="buttons"><a class="button" href="/">All Workers</a> <button type="button" onClick={() => { paletteOpen.value = true; }}>Find it (Ctrl+K)</button></p>
    </>
  );
}
