import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryHome } from '../test/faults/studio.ts'
import { FewBits, type FewBitsReport, measureInChild } from './few-bits.ts'

/** A computer that answers this, and counts how often it is asked. */
function computer(report: FewBitsReport | undefined, home = temporaryHome()) {
  let asked = 0
  const start = (version = '1.0.0') =>
    new FewBits(home, version, async () => {
      asked++
      return report
    })
  return { home, start, asked: () => asked }
}

const quick = { exact: true, gains: { '8 bit': 2.44, '4 bit': 1.1 } }

test('it is measured when it is asked for, once for a version of the program', async () => {
  const { start, asked } = computer(quick)
  const first = start()
  expect(asked()).toBe(0)
  await Promise.all([first.report(), first.offers()])
  expect(await start().report()).toEqual(quick)
  expect(asked()).toBe(1)
  await start('1.1.0').report()
  expect(asked()).toBe(2)
})

test('a precision is offered where it is quicker, and a sentence says why', async () => {
  expect(await computer(quick).start().offers()).toEqual([
    { precision: 'as stored', offered: true, words: '' },
    { precision: 'fp32', offered: true, words: '' },
    { precision: 'fp16', offered: false, words: 'Only a graphics card computes in it.' },
    { precision: '8 bit', offered: true, words: 'About 2.4 times as quick on this computer.' },
    { precision: '4 bit', offered: false, words: 'It would be no quicker on this computer.' },
  ])
  const slow = await computer({ exact: true, gains: { '8 bit': 0.6, '4 bit': 1.2 } })
    .start()
    .offers()
  expect(slow.slice(3).map(({ offered, words }) => [offered, words])).toEqual([
    [false, 'It would be 0.6 times as quick on this computer.'],
    [true, 'About 1.2 times as quick on this computer.'],
  ])
})

test('half precision is offered where the graphics card passed its test in it', async () => {
  const offerOf = async (half: { usable: boolean; quicker: boolean; reason: string }) =>
    (await computer(quick).start().offers(half)).find(({ precision }) => precision === 'fp16')
  expect(await offerOf({ usable: true, quicker: false, reason: 'it agrees' })).toEqual({
    ...{ precision: 'fp16', offered: true, words: 'On the graphics card: it agrees.' },
  })
  expect(await offerOf({ usable: false, quicker: false, reason: 'it has none' })).toMatchObject({ offered: false })
})

test('wrong sums are refused, a missing gain is not', async () => {
  const wrong = computer({ ...quick, exact: false }).start()
  await expect(wrong.refuseInexact('4 bit')).rejects.toMatchObject({ code: 'PRECISION_INEXACT' })
  await wrong.refuseInexact('fp32')
  const offered = (await wrong.offers()).filter(each => each.offered).map(({ precision }) => precision)
  expect(offered).toEqual(['as stored', 'fp32'])
  await computer({ exact: true, gains: { '8 bit': 0.5, '4 bit': 0.5 } })
    .start()
    .refuseInexact('8 bit')
})

test('what failed is not kept, and a spoiled cache is measured anew', async () => {
  const failing = computer(undefined)
  expect((await failing.start().offers())[2]).toMatchObject({ offered: false })
  await failing.start().report()
  expect(failing.asked()).toBe(2)
  const home = temporaryHome()
  mkdirSync(join(home, 'cache'))
  writeFileSync(join(home, 'cache', 'precisions.json'), '{"broken')
  expect(await computer(quick, home).start().report()).toEqual(quick)
})

test('the worker measures this computer in a process of its own', async () => {
  const report = await measureInChild(join(import.meta.dirname, 'worker.ts'))()
  expect(report?.gains['8 bit']).toBeGreaterThan(0)
  expect(report?.gains['4 bit']).toBeGreaterThan(0)
  expect(await measureInChild('/nothing/there.ts')()).toBeUndefined()
})
