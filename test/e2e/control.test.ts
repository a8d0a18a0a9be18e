import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openLibrary } from '../../app/library/library.ts'
import { readRecipe } from '../../app/library/recipe/recipe.ts'
import { type TensorToWrite, writeSafetensors } from '../../app/weights/safetensors.ts'
import { ModelShelf } from '../../main/model-shelf.ts'
import { generate, generateButton, setNumber, write } from './hand.ts'
import { layersOf, saved } from './paint.ts'
import { available, freshHome, modesOfLongFlows, openStudio, type Studio, screenshot } from './studio.ts'

const patient = { timeout: 15_000 }

/** A library that knows a ControlNet for edges of Stable Diffusion 1.x, as far as its file says. @returns its home */
async function homeWithUnfit(): Promise<string> {
  const home = freshHome()
  const file = join(home, 'canny-sd15.safetensors')
  const tensor = (shape: readonly number[]): TensorToWrite => ({
    ...{ dtype: 'F32', shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) },
  })
  writeSafetensors(file, [
    ['controlnet_cond_embedding.conv_in.weight', tensor([16, 3, 3, 3])],
    ['down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight', tensor([4, 768])],
  ])
  const library = openLibrary({ home, keepsQueue: false })
  const shelf = new ModelShelf(library.models, undefined)
  await shelf.import([file])
  shelf.close()
  library.close()
  return home
}

/** A control layer above a picture that was drawn and accepted. */
async function withControl(mode: (typeof modesOfLongFlows)[number], home = freshHome()): Promise<Studio> {
  const studio = await openStudio(mode, { home })
  const { page } = studio
  await write(studio, 'a red apple, 3d style, on a blue background')
  await setNumber(studio, 'steps', 6)
  await generate(studio)
  await page.getByTestId('accept').click()
  await page.getByTestId('rail-layers').click()
  await expect.poll(() => layersOf(studio).count(), patient).toBe(1)
  await page.getByTestId('add-layer').click()
  await page.getByRole('menuitem', { name: 'Control for a ControlNet' }).click()
  await expect.poll(() => layersOf(studio).count(), patient).toBe(2)
  return studio
}

/** How many pixels of what the model sees are light. */
const light = ({ page }: Studio): Promise<number> =>
  page.getByTestId('control-preview').evaluate(element => {
    if (!(element instanceof HTMLCanvasElement)) return 0
    const data = element.getContext('2d')?.getImageData(0, 0, element.width, element.height).data ?? []
    return Array.from({ length: data.length / 4 }, (_, k) => data[4 * k] ?? 0).filter(level => level > 127).length
  })

/** What made the last picture, as its file in the library says it. */
function lastRecipe({ home }: Studio): Record<string, unknown> {
  const found = readdirSync(home, { recursive: true, encoding: 'utf8' })
    .map(name => join(home, name))
    .flatMap(path => (/[0-9a-f]{64}\.png$/.test(path) ? (readRecipe(readFileSync(path)) ?? []) : []))
  const recipe = found.find(({ recipe: { parameters } }) => JSON.stringify(parameters.controls ?? []) !== '[]')?.recipe
  if (recipe === undefined) throw new Error('no picture was made with a control')
  return recipe.parameters
}

const chosen = ({ page }: Studio) => page.getByTestId('control-model').locator('option:checked').textContent()

describe.each(modesOfLongFlows)('%s', mode => {
  test.skipIf(!available(mode))(
    'the edges of a picture hold the next one: they are taken, weighed at a glance, drawn with, and stand in its recipe',
    async () => {
      const studio = await withControl(mode)
      const { page } = studio
      await page.getByTestId('control-take').click()
      await saved(studio)
      await page.getByTestId('control-prepare').selectOption('edges')
      await expect.poll(() => chosen(studio), patient).toBe('The fitting one: Sticker World edges')
      await expect.poll(() => light(studio), patient).toBeGreaterThan(100)
      const before = await light(studio)
      await setNumber(studio, 'control-high', 1500)
      await setNumber(studio, 'control-low', 1400)
      await expect.poll(() => light(studio), patient).toBeLessThan(before * 0.8)
      await setNumber(studio, 'control-low', 60)
      await setNumber(studio, 'control-high', 140)
      await saved(studio)
      await screenshot(studio, '20-control')
      await generate(studio)
      const { controls, steps } = lastRecipe(studio)
      expect(steps).toBe(6)
      expect(controls).toEqual([
        expect.objectContaining({
          ...{ model: expect.stringMatching(/sticker-world-edges$/), prepare: 'edges', low: 60, high: 140, weight: 1 },
        }),
      ])
    },
  )

  test.skipIf(!available(mode))(
    'a network that was made for other models is listed last; the fitting one is a click away',
    async () => {
      const studio = await withControl(mode, await homeWithUnfit())
      const { page } = studio
      await page.getByTestId('control-prepare').selectOption('edges')
      await expect.poll(() => chosen(studio), patient).toBe('The fitting one: Sticker World edges')
      const unfit = 'canny-sd15 · for Stable Diffusion 1.x'
      expect((await page.getByTestId('control-model').locator('option').allTextContents()).at(-1)).toBe(unfit)
      await page.getByTestId('control-model').selectOption({ label: unfit })
      const warning = page.getByTestId('control-unfit')
      await expect.poll(() => warning.textContent(), patient).toContain('It does not fit: it is for Stable')
      await screenshot(studio, '21-control-unfit')
      await warning.getByRole('button', { name: 'Take “Sticker World edges”' }).click()
      await expect.poll(() => chosen(studio), patient).toBe('Sticker World edges')
      await warning.waitFor({ state: 'detached' })
    },
  )

  test.skipIf(!available(mode))(
    'a layer that nothing reads is no part of a picture without a word: the run is refused, and leads to the layer',
    async () => {
      const studio = await withControl(mode)
      const { page } = studio
      await page.getByTestId('control-take').click()
      await saved(studio)
      await page.getByTestId('rail-settings').click()
      await generateButton(studio).click()
      const failure = page.getByTestId('failure')
      await expect.poll(() => failure.textContent(), patient).toContain('No ControlNet is chosen on “Control 1”')
      expect(await failure.getByRole('button', { name: 'Open settings' }).count()).toBe(0)
      await page.getByTestId('failure-layer').click()
      await page.getByTestId('control-model').selectOption({ label: 'Sticker World edges' })
      await expect.poll(() => chosen(studio), patient).toBe('Sticker World edges')
    },
  )
})
