import { describe, expect, test } from 'vitest'
import { atRest, canvas, generate, setNumber, write } from './hand.ts'
import { drawLine, layersOf, pixelsAt, saved } from './paint.ts'
import { available, modesOfLongFlows, openStudio, type Studio, screenshot } from './studio.ts'

const does = ({ page }: Studio) => page.getByTestId('generate').textContent()

/** A grid of places in the frame. */
const grid = Array.from(
  { length: 17 * 17 },
  (_, k) => [0.03 + (k % 17) * 0.059, 0.03 + Math.floor(k / 17) * 0.059] as const,
)

/** A place of the grid and those around it. */
const neighbours = (k: number) =>
  [-1, 0, 1].flatMap(down => [-1, 0, 1].map(across => k + down * 17 + across)).filter(each => each >= 0)

/** An apple in a layer, with the mask brush in the hand. */
async function withApple(mode: (typeof modesOfLongFlows)[number]): Promise<Studio> {
  const studio = await openStudio(mode)
  const { page } = studio
  await write(studio, 'a red apple, 3d style, on a blue background')
  await setNumber(studio, 'steps', 6)
  await generate(studio)
  await page.getByTestId('accept').click()
  await expect.poll(() => does(studio)).toContain('Rework')
  await page.getByTestId('rail-layers').click()
  await expect.poll(() => layersOf(studio).count()).toBe(1)
  await canvas(studio).focus()
  await page.keyboard.press('m')
  return studio
}

describe.each(modesOfLongFlows)('%s', mode => {
  test.skipIf(!available(mode))(
    'a mask is painted and filled: outside of it every pixel stays, inside it is drawn; undo takes it back',
    async () => {
      const studio = await withApple(mode)
      const { page } = studio
      await atRest(studio)
      const before = await pixelsAt(studio, grid)
      await drawLine(studio, [0.4, 0.4], [0.6, 0.5])
      await expect.poll(() => does(studio)).toContain('Fill mask')
      await screenshot(studio, '11-fill-mask')
      const tinted = await pixelsAt(studio, grid)
      const isMasked = tinted.map((colour, k) => String(colour) !== String(before[k]))
      expect(isMasked.filter(Boolean).length).toBeGreaterThan(3)
      await write(studio, 'a green frog, 3d style, on a blue background')
      await generate(studio)
      await screenshot(studio, '12-filled')
      await page.getByTestId('accept').click()
      await expect.poll(() => layersOf(studio).count()).toBe(3)
      // The mask is hidden, so that its tint is no part of what is compared.
      await page.getByTestId('layer').filter({ hasText: 'Mask' }).getByRole('button', { name: /^Hide/ }).click()
      await atRest(studio)
      const after = await pixelsAt(studio, grid)
      const changed = after.map((colour, k) => String(colour) !== String(before[k]))
      // A soft edge tints less than a screen shows: its neighbours count neither way.
      const isNear = (k: number) => neighbours(k).some(each => isMasked[each])
      expect(changed.filter((each, k) => each && !isNear(k)).length).toBe(0)
      expect(changed.filter((each, k) => each && isMasked[k]).length).toBeGreaterThan(2)
      await saved(studio)
      await canvas(studio).focus()
      await page.keyboard.press('Control+z')
      await page.keyboard.press('Control+z')
      await expect.poll(() => layersOf(studio).count()).toBe(2)
    },
  )

  test.skipIf(!available(mode))(
    'a frame past the edge extends the picture: what was there stays, what was empty is drawn',
    async () => {
      const studio = await withApple(mode)
      const { page } = studio
      await atRest(studio)
      await canvas(studio).focus()
      await page.keyboard.press('f')
      await drawLine(studio, [0.5, 0.5], [1, 0.5])
      await expect.poll(() => does(studio)).toContain('Extend')
      await atRest(studio)
      const before = await pixelsAt(studio, grid)
      expect(before.filter(([, , , alpha]) => alpha === 0).length).toBeGreaterThan(100)
      await generate(studio)
      await page.getByTestId('accept').click()
      await expect.poll(() => layersOf(studio).count()).toBe(2)
      await atRest(studio)
      await screenshot(studio, '13-extended')
      const after = await pixelsAt(studio, grid)
      expect(after.every(([, , , alpha]) => alpha === 255)).toBe(true)
      // A little of the picture is drawn anew where both are joined.
      const isOld = (k: number) => before[k]?.[3] === 255 && (grid[k]?.[0] ?? 1) < 0.4
      expect(after.filter((colour, k) => isOld(k) && String(colour) !== String(before[k])).length).toBe(0)
    },
  )
})
