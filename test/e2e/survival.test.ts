import { describe, expect, test } from 'vitest'
import { canvas, generateButton, reachStep, setNumber, write } from './hand.ts'
import {
  available,
  descendants,
  isRunning,
  modes,
  modesOfLongFlows,
  openStudio,
  processOf,
  type Studio,
  screenshot,
  until,
} from './studio.ts'

/** Processes are killed while they work: the window stays, says what happened, and all is back within seconds. */

const patience = 3000

/** A studio in the middle of a run that lasts some seconds. */
async function busyStudio(mode: Studio['mode']): Promise<Studio> {
  const studio = await openStudio(mode)
  await write(studio, 'a rocket, cartoon style, on a dark blue background')
  await setNumber(studio, 'steps', 60)
  await generateButton(studio).click()
  await reachStep(studio, 5)
  return studio
}

/** Kills a part in the middle of its work, and looks for what the person is told and offered. */
async function killed(studio: Studio, part: 'engine' | 'worker'): Promise<void> {
  const { page } = studio
  const victim = processOf(studio, part)
  const bystander = processOf(studio, part === 'engine' ? 'worker' : 'engine')
  if (victim === undefined || bystander === undefined) throw new Error('engine or worker does not run')
  process.kill(victim, 'SIGKILL')

  const card = page.getByRole('alert').filter({ hasText: 'The engine stopped and is back' })
  const told = await until(() => card.isVisible(), patience, 'the page says what happened')
  const back = () => {
    const pid = processOf(studio, part)
    return pid !== undefined && pid !== victim
  }
  await until(back, patience - told, `another ${part} runs`)
  if (part === 'engine') await until(() => !isRunning(bystander), 2000, 'the worker ends with its engine')
  await screenshot(studio, `6-${part}-killed`)

  await card.getByRole('button', { name: 'Run again' }).click()
  await reachStep(studio, 1)
  await page.getByTestId('result').waitFor({ timeout: 60_000 })
  expect(await canvas(studio).getAttribute('aria-label')).toContain('result: a rocket')
}

describe.each(modes)('%s', mode => {
  for (const part of ['worker', 'engine'] as const) {
    // What follows the engine is its window's own; what follows the worker is the engine's, whatever the window.
    if (part === 'worker' && !modesOfLongFlows.includes(mode)) continue
    test.skipIf(!available(mode))(`kill -9 of the ${part} in the middle of a job`, async () => {
      await killed(await busyStudio(mode), part)
    })
  }

  test.skipIf(!available(mode))(
    'kill -9 of the app in the middle of a long step leaves no process behind',
    async () => {
      const studio = await openStudio(mode)
      await write(studio, 'a cat and a pizza')
      await setNumber(studio, 'width', 768)
      await setNumber(studio, 'height', 768)
      await generateButton(studio).click()
      await reachStep(studio, 1)
      const children = descendants(studio.pid).map(({ pid }) => pid)
      expect(children.length).toBeGreaterThan(1)
      process.kill(studio.pid, 'SIGKILL')
      await until(() => children.every(pid => !isRunning(pid)), 2000, 'every child has ended')

      const again = await openStudio(mode, { home: studio.home })
      await generateButton(again).waitFor()
    },
  )
})
