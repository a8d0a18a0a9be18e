import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { atRest, canvas, generateButton, write } from './hand.ts'
import { available, modesOfLongFlows, openStudio, type Studio } from './studio.ts'

const patient = { timeout: 15_000 }
const saved = ({ page }: Studio) =>
  expect.poll(() => page.getByTestId('document').textContent(), patient).toMatch(/Saved$/)

/** Where a joint of the first figure stands on the screen. */
async function jointAt({ page }: Studio, joint: number): Promise<{ x: number; y: number }> {
  const box = await page.getByTestId(`joint-0-${joint}`).boundingBox()
  if (box === null) throw new Error(`joint ${joint} is not shown`)
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
}

/** A drawing that the model sees: how many pixels of its preview are lit. */
const lit = ({ page }: Studio): Promise<number> =>
  page.getByTestId('control-preview').evaluate(element => {
    if (!(element instanceof HTMLCanvasElement)) return 0
    const data = element.getContext('2d')?.getImageData(0, 0, element.width, element.height).data ?? []
    let count = 0
    for (let k = 0; k < data.length; k += 4) if ((data[k] ?? 0) + (data[k + 1] ?? 0) + (data[k + 2] ?? 0) > 60) count++
    return count
  })

/** A figure on a layer of its own, with the tool for poses in the hand. */
async function withFigure(mode: (typeof modesOfLongFlows)[number]): Promise<Studio> {
  const studio = await openStudio(mode)
  const { page } = studio
  await page.getByTestId('frame').waitFor()
  await canvas(studio).focus()
  await page.keyboard.press('p')
  await page.getByTestId('posture-Arms up').click()
  await page.getByTestId('joint-0-4').waitFor()
  await saved(studio)
  await atRest(studio)
  return studio
}

const WRISTS = { right: 4, left: 7 }
const NECK = 1

/** How many figures are shown, by their necks. */
const figures = ({ page }: Studio) => page.locator(`[data-testid^=joint-][data-testid$="-${NECK}"]`).count()

/** The figures as OpenPose writes them. */
async function exportedJoints({ page }: Studio): Promise<{ file: string; people: number[][] }> {
  await page.getByTestId('pose-json').click()
  const download = page.waitForEvent('download')
  await page.getByTestId('pose-export').click()
  const file = await readFile(await (await download).path(), 'utf8')
  const { people }: { people: { pose_keypoints_2d: number[] }[] } = JSON.parse(file)
  return { file, people: people.map(each => each.pose_keypoints_2d) }
}

const openFile = ({ page }: Studio, text: string) =>
  page
    .getByTestId('pose-file')
    .setInputFiles({ name: 'pose.json', mimeType: 'application/json', buffer: Buffer.from(text) })

describe.each(modesOfLongFlows)('%s', mode => {
  test.skipIf(!available(mode))(
    'a figure is posed by hand and by keys, undone, and what the model sees is its skeleton',
    async () => {
      const studio = await withFigure(mode)
      const { page } = studio
      const [before, shoulder] = [await jointAt(studio, 4), await jointAt(studio, 2)]
      await page.mouse.move(before.x, before.y)
      await page.mouse.down()
      await page.mouse.move(shoulder.x - 80, shoulder.y + 60, { steps: 4 })
      await page.mouse.up()
      await saved(studio)
      const after = await jointAt(studio, 4)
      expect(after.y).toBeGreaterThan(before.y + 5)

      await page.getByTestId('pose').focus()
      await page.keyboard.press('PageDown')
      await expect.poll(() => page.getByTestId('pose').getAttribute('aria-label'), patient).toMatch(/Left shoulder at/)
      await page.keyboard.press('Shift+ArrowUp')
      await saved(studio)

      await page.getByRole('button', { name: 'Layers', exact: true }).click()
      expect(await page.getByTestId('control-model').locator('option:checked').textContent()).toBe('Sticker World pose')
      await expect.poll(() => lit(studio), patient).toBeGreaterThan(200)

      await atRest(studio)
      await canvas(studio).focus()
      await page.keyboard.press('Control+z')
      await page.keyboard.press('Control+z')
      await expect.poll(async () => Math.abs((await jointAt(studio, 4)).y - before.y), patient).toBeLessThan(2)
    },
    90_000,
  )

  test.skipIf(!available(mode))('mirrored limbs move on both sides; a second figure comes and goes', async () => {
    const studio = await withFigure(mode)
    const { page } = studio
    await page.getByTestId('options').getByRole('radio', { name: 'Mirror limbs' }).click()
    const [right, left, neck] = [
      await jointAt(studio, WRISTS.right),
      await jointAt(studio, WRISTS.left),
      await jointAt(studio, NECK),
    ]
    await page.mouse.move(right.x, right.y)
    await page.mouse.down()
    await page.mouse.move(right.x - 60, neck.y + 20, { steps: 4 })
    await page.mouse.up()
    await saved(studio)
    const [moved, followed] = [await jointAt(studio, WRISTS.right), await jointAt(studio, WRISTS.left)]
    expect(moved.y - right.y).toBeGreaterThan(20)
    // The other one is as high, and as far from the middle.
    expect(followed.y - left.y).toBeGreaterThan(20)
    expect(Math.abs(followed.y - moved.y)).toBeLessThan(3)
    expect(Math.abs(followed.x + moved.x - 2 * neck.x)).toBeLessThan(6)

    await page.getByTestId('add-figure').click()
    await expect.poll(() => figures(studio), patient).toBe(2)
    await page.getByRole('button', { name: 'Remove the figure' }).click()
    await expect.poll(() => figures(studio), patient).toBe(1)
    await saved(studio)
    // The one that was there stayed.
    expect(Math.abs((await jointAt(studio, WRISTS.left)).y - followed.y)).toBeLessThan(2)
  })

  test.skipIf(!available(mode))(
    'a hidden joint is gone in the file of the pose, which gives the figure back; a layer without a figure is refused',
    async () => {
      const studio = await withFigure(mode)
      const { page } = studio
      const wrist = await jointAt(studio, WRISTS.right)
      await page.mouse.dblclick(wrist.x, wrist.y)
      await page.getByTestId(`joint-0-${WRISTS.right}`).waitFor({ state: 'detached' })
      await saved(studio)
      const { file, people } = await exportedJoints(studio)
      const [joints = []] = people
      expect([people.length, joints.length]).toEqual([1, 54])
      expect(joints.slice(3 * WRISTS.right, 3 * WRISTS.right + 3)).toEqual([0, 0, 0])
      expect(joints.filter((_, k) => k % 3 === 2)).toEqual(
        Array.from({ length: 18 }, (_, k) => (k === WRISTS.right ? 0 : 1)),
      )

      const before = await jointAt(studio, WRISTS.left)
      await page.getByRole('button', { name: 'Remove the figure' }).click()
      await expect.poll(() => figures(studio), patient).toBe(0)
      await saved(studio)
      await write(studio, 'a wizard character in an orange outfit')
      await generateButton(studio).click()
      const failure = page.getByTestId('failure')
      await expect.poll(() => failure.textContent(), patient).toContain('There is no figure on "Pose 1": place one')
      await failure.getByRole('button', { name: 'Close' }).click()

      await openFile(studio, JSON.stringify({ people: [{ pose_keypoints_2d: Array(54).fill(0) }] }))
      await page.getByText('pose.json holds no figure with a visible bone').first().waitFor()
      expect(await figures(studio)).toBe(0)
      await openFile(studio, file)
      await expect.poll(() => figures(studio), patient).toBe(1)
      await atRest(studio)
      const after = await jointAt(studio, WRISTS.left)
      expect([Math.abs(after.x - before.x), Math.abs(after.y - before.y)].every(by => by < 2)).toBe(true)
      expect(await page.getByTestId(`joint-0-${WRISTS.right}`).count()).toBe(0)
    },
  )
})
