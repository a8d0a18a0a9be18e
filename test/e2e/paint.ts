import { expect } from 'vitest'
import type { Studio } from './studio.ts'

/** What a hand does at the canvas, and what is seen there. */

/** The colours of a grid of places in the frame, as the page shows the document: four numbers for each, row by row. */
export async function pixelsAt({ page }: Studio, places: readonly (readonly [across: number, down: number])[]) {
  return await page.evaluate(wanted => {
    const picture = document.querySelector<HTMLCanvasElement>('[data-testid=pixels]')
    const frame = document.querySelector('[data-testid=frame]')?.getBoundingClientRect()
    const box = picture?.getBoundingClientRect()
    if (picture === null || frame === undefined || box === undefined) throw new Error('there is no canvas')
    const ratio = picture.width / box.width
    return wanted.map(([across, down]) => {
      const left = (frame.left + frame.width * (across ?? 0) - box.left) * ratio
      const top = (frame.top + frame.height * (down ?? 0) - box.top) * ratio
      return [...(picture.getContext('2d')?.getImageData(Math.round(left), Math.round(top), 1, 1).data ?? [])]
    })
  }, places)
}

/** Draws a line between shares of the frame with the tool that is in the hand. */
export async function drawLine(
  { page }: Studio,
  from: readonly [number, number],
  to: readonly [number, number],
): Promise<void> {
  const frame = await page.getByTestId('frame').boundingBox()
  if (frame === null) throw new Error('there is no frame')
  const at = ([x, y]: readonly [number, number]) => [frame.x + frame.width * x, frame.y + frame.height * y] as const
  await page.mouse.move(...at(from))
  await page.mouse.down()
  await page.mouse.move(...at(to), { steps: 12 })
  await page.mouse.up()
}

export const layersOf = ({ page }: Studio) => page.getByTestId('layer')

/** Waits until the document says that it is saved. */
export const saved = ({ page }: Studio) =>
  expect.poll(() => page.getByTestId('document').textContent()).toMatch(/Saved$/)

/** Pixels of the page where a place of the frame lies. @param across share of its width  @param down of its height */
export async function placeIn({ page }: Studio, across: number, down: number): Promise<readonly [number, number]> {
  const frame = await page.getByTestId('frame').boundingBox()
  if (frame === null) throw new Error('there is no frame')
  return [frame.x + frame.width * across, frame.y + frame.height * down]
}
