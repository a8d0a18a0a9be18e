import type { Locator } from 'playwright-core'
import { expect } from 'vitest'
import type { Studio } from './studio.ts'

/** What a hand does in the studio, in the words of its screens. */

/** The button says what it does; while something runs, it adds to the queue. */
export const generateButton = ({ page }: Studio) =>
  page.getByRole('button', { name: /^(Generate|Rework|Fill mask|Fill shape|Extend)$/ })
export const cancelButton = ({ page }: Studio) => page.getByTestId('cancel')
export const canvas = ({ page }: Studio) => page.getByTestId('canvas')

/** Writes the prompt; the button is then ready to be pressed. */
export async function write(studio: Studio, prompt: string): Promise<void> {
  await studio.page.getByRole('textbox', { name: 'Prompt' }).fill(prompt)
}

/** Sets a number in the settings panel, which is opened for it. */
export async function setNumber({ page }: Studio, field: string, value: number): Promise<void> {
  const row = page.getByTestId(`field-${field}`)
  if (!(await row.isVisible())) await page.getByTestId('rail-settings').click()
  await row.getByRole('slider').press('Enter')
  await row.getByRole('textbox').fill(String(value))
  await row.getByRole('textbox').press('Enter')
  await row.getByRole('slider').waitFor()
}

/** Types a seed, which is then kept, and leaves the field. */
export async function setSeed({ page }: Studio, seed: string): Promise<void> {
  const row = page.getByTestId('field-seed')
  if (!(await row.isVisible())) await page.getByTestId('rail-settings').click()
  await row.getByRole('textbox').fill(seed)
  await row.getByRole('textbox').press('Tab')
}

/** Waits until the canvas holds still: it glides for a quarter of a second when a bar above it or a panel beside it comes or goes. */
export async function atRest({ page }: Studio): Promise<void> {
  await page.getByTestId('frame').waitFor()
  await page.evaluate(async () => {
    const place = () => JSON.stringify(document.querySelector('[data-testid=frame]')?.getBoundingClientRect())
    let [before, since] = [place(), performance.now()]
    while (performance.now() - since < 300) {
      await new Promise(resolve => requestAnimationFrame(resolve))
      const now = place()
      if (now !== before) [before, since] = [now, performance.now()]
    }
  })
}

/** Presses Generate and waits for the picture to stand in the frame and in the strip. */
export async function generate(studio: Studio): Promise<void> {
  const results = studio.page.getByTestId('result')
  const before = await results.count()
  await generateButton(studio).click()
  await expect.poll(() => results.count(), { timeout: 60_000 }).toBe(before + 1)
  await generateButton(studio).waitFor()
}

/** Waits until the running job has done this many steps. */
export async function reachStep({ page }: Studio, step: number): Promise<void> {
  await page.waitForFunction(
    wanted => Number(/Step (\d+) of/.exec(document.querySelector('.progress')?.textContent ?? '')?.[1] ?? 0) >= wanted,
    step,
    { timeout: 60_000 },
  )
}

/** Milliseconds from a person's event in the page until something is there (or no longer there), as the page itself counts them:
 *  neither the test's own way to the page nor its polling is in it, nor the drawing of a machine without a graphics card. */
export async function reaction(
  { page }: Studio,
  event: 'click' | 'keydown',
  { appears, goes }: { appears?: string; goes?: string },
  act: () => Promise<void>,
): Promise<number> {
  await page.evaluate(
    ([name, comes, leaves]) => {
      const holds = () =>
        (comes === undefined || document.querySelector(comes) !== null) &&
        (leaves === undefined || document.querySelector(leaves) === null)
      const measured = new Promise<number>(resolve => {
        const begin = (happened: Event) => {
          const observer = new MutationObserver(() => {
            if (!holds()) return
            observer.disconnect()
            resolve(performance.now() - happened.timeStamp)
          })
          observer.observe(document.body, { subtree: true, childList: true, attributes: true })
        }
        window.addEventListener(name ?? '', begin, { capture: true, once: true })
      })
      Reflect.set(window, 'measuredReaction', measured)
    },
    [event, appears, goes],
  )
  await act()
  return await page.evaluate(() => Reflect.get(window, 'measuredReaction'))
}

/** Clicks without waiting for the page to hold still: it does not while a machine without a graphics card draws previews. */
export async function clickAtOnce({ page }: Studio, target: Locator): Promise<void> {
  const box = await target.boundingBox()
  if (box === null) throw new Error('what should be clicked is not there')
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2)
}

/** Drops a file of the disk on the window, as a file manager does. */
export async function drop({ page }: Studio, file: string | { name: string; mimeType: string; buffer: Buffer }) {
  await page.evaluate(() => {
    const input = document.createElement('input')
    input.type = 'file'
    input.id = 'dropped-file'
    document.body.append(input)
  })
  await page.setInputFiles('#dropped-file', file)
  await page.evaluate(() => {
    const input = document.querySelector<HTMLInputElement>('#dropped-file')
    const dataTransfer = new DataTransfer()
    for (const one of input?.files ?? []) dataTransfer.items.add(one)
    input?.remove()
    for (const type of ['dragenter', 'dragover', 'drop']) {
      document.body.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }))
    }
  })
}
