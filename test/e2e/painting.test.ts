import { describe, expect, test } from 'vitest'
import { atRest, canvas, generate, setNumber, write } from './hand.ts'
import { available, modes, openStudio, type Studio, screenshot } from './studio.ts'

interface Colour {
  readonly red: number
  readonly green: number
  readonly blue: number
  readonly alpha: number
}

/** The pixel of the document's canvas at a share of the frame. */
async function pixelAt({ page }: Studio, across: number, down: number): Promise<Colour> {
  return await page.evaluate(
    ([x, y]) => {
      const picture = document.querySelector<HTMLCanvasElement>('[data-testid=pixels]')
      const frame = document.querySelector('[data-testid=frame]')?.getBoundingClientRect()
      const box = picture?.getBoundingClientRect()
      if (picture === null || frame === undefined || box === undefined) throw new Error('there is no canvas')
      const ratio = picture.width / box.width
      const left = (frame.left + frame.width * (x ?? 0) - box.left) * ratio
      const top = (frame.top + frame.height * (y ?? 0) - box.top) * ratio
      const data = picture.getContext('2d')?.getImageData(Math.round(left), Math.round(top), 1, 1).data ?? []
      const [red = 0, green = 0, blue = 0, alpha = 0] = data
      return { red, green, blue, alpha }
    },
    [across, down],
  )
}

/** Draws a line between shares of the frame with the tool that is in the hand. */
async function draw({ page }: Studio, from: readonly [number, number], to: readonly [number, number]): Promise<void> {
  const frame = await page.getByTestId('frame').boundingBox()
  if (frame === null) throw new Error('there is no frame')
  const at = ([x, y]: readonly [number, number]) => [frame.x + frame.width * x, frame.y + frame.height * y] as const
  await page.mouse.move(...at(from))
  await page.mouse.down()
  await page.mouse.move(...at(to), { steps: 12 })
  await page.mouse.up()
}

const layers = ({ page }: Studio) => page.getByTestId('layer')
const saved = ({ page }: Studio) => expect.poll(() => page.getByTestId('document').textContent()).toMatch(/Saved$/)

describe.each(modes)('%s', mode => {
  test.skipIf(!available(mode))(
    'a result becomes a layer; a mask is painted over it, taken back, done again, and is there after a reload',
    async () => {
      const studio = await openStudio(mode)
      const { page } = studio
      await write(studio, 'a red apple, 3d style, on a blue background')
      await setNumber(studio, 'steps', 4)
      await generate(studio)
      await page.getByTestId('accept').click()
      await page.getByTestId('rail-layers').click()
      await expect.poll(() => layers(studio).count()).toBe(1)
      // With a brush in the hand enlarged pixels are squares, else they are smooth.
      await canvas(studio).focus()
      await page.keyboard.press('m')
      await expect.poll(async () => (await pixelAt(studio, 0.5, 0.5)).alpha).toBe(255)
      await atRest(studio)
      const before = await pixelAt(studio, 0.5, 0.5)
      const beside = await pixelAt(studio, 0.1, 0.9)

      await draw(studio, [0.3, 0.5], [0.7, 0.5])
      await expect.poll(() => layers(studio).count()).toBe(2)
      await expect.poll(() => canvas(studio).getAttribute('aria-label')).toContain('2 layers')
      const masked = await pixelAt(studio, 0.5, 0.5)
      expect(masked).not.toEqual(before)
      expect(await pixelAt(studio, 0.1, 0.9)).toEqual(beside)
      await saved(studio)
      await screenshot(studio, '10-mask')

      await page.keyboard.press('Control+z')
      await expect.poll(() => layers(studio).count()).toBe(1)
      await expect.poll(() => pixelAt(studio, 0.5, 0.5)).toEqual(before)
      await page.keyboard.press('Control+Shift+z')
      await expect.poll(() => layers(studio).count()).toBe(2)
      await expect.poll(() => pixelAt(studio, 0.5, 0.5)).toEqual(masked)
      await saved(studio)

      await page.reload()
      await expect.poll(() => layers(studio).count(), { timeout: 30_000 }).toBe(2)
      await page.getByTestId('tool-mask').click()
      await expect.poll(() => pixelAt(studio, 0.5, 0.5), { timeout: 30_000 }).toEqual(masked)
      await canvas(studio).focus()
      await page.keyboard.press('Control+z')
      await expect.poll(() => layers(studio).count()).toBe(1)
      await expect.poll(() => pixelAt(studio, 0.5, 0.5)).toEqual(before)
    },
  )

  test.skipIf(!available(mode))(
    'strokes stay inside a selection, are erased, and Escape takes back the one under the hand',
    async () => {
      const studio = await openStudio(mode)
      const { page } = studio
      await page.getByTestId('tool-select').click()
      await page.getByTestId('rail-layers').click()
      // A document begins with its first stroke.
      await canvas(studio).focus()
      await page.keyboard.press('b')
      await draw(studio, [0.2, 0.5], [0.8, 0.5])
      await expect.poll(() => layers(studio).count()).toBe(1)
      expect(await pixelAt(studio, 0.5, 0.5)).toEqual({ red: 0, green: 0, blue: 0, alpha: 255 })

      await page.keyboard.press('r')
      await draw(studio, [0.5, 0.0], [1, 1])
      await page.keyboard.press('b')
      await draw(studio, [0.2, 0.2], [0.8, 0.2])
      expect((await pixelAt(studio, 0.3, 0.2)).alpha).toBe(0)
      expect((await pixelAt(studio, 0.7, 0.2)).alpha).toBe(255)

      await page.keyboard.press('e')
      await draw(studio, [0.2, 0.5], [0.8, 0.5])
      expect((await pixelAt(studio, 0.3, 0.5)).alpha).toBe(255)
      expect((await pixelAt(studio, 0.7, 0.5)).alpha).toBe(0)
      await saved(studio)

      await page.keyboard.press('Control+d')
      await page.keyboard.press('b')
      const frame = await page.getByTestId('frame').boundingBox()
      if (frame === null) throw new Error('there is no frame')
      await page.mouse.move(frame.x + frame.width * 0.2, frame.y + frame.height * 0.8)
      await page.mouse.down()
      await page.mouse.move(frame.x + frame.width * 0.8, frame.y + frame.height * 0.8, { steps: 8 })
      await expect.poll(async () => (await pixelAt(studio, 0.5, 0.8)).alpha).toBe(255)
      await page.keyboard.press('Escape')
      await expect.poll(async () => (await pixelAt(studio, 0.5, 0.8)).alpha).toBe(0)
      await page.mouse.up()
      expect(await layers(studio).count()).toBe(1)
    },
  )
})
