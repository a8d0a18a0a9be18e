import { expect, test } from 'vitest'
import { temporaryHome } from '../test/faults/studio.ts'
import { chooseHalf, chooseProvider, chosenPrecision, type Probed, type ProbeReport } from './provider-choice.ts'

const right: Probed = { usable: true, quicker: true, reason: 'it agrees with the CPU' }
const slow: Probed = { ...right, quicker: false }
const missing: Probed = { usable: false, quicker: false, reason: 'the graphics card does not have it' }

/** A computer whose graphics card answers this, and how often it was asked. */
function computer(report: ProbeReport) {
  let asked = 0
  const probe = async () => {
    asked++
    return report
  }
  return { home: temporaryHome(), probe, asked: () => asked }
}

test('half precision is taken where it is right and quicker, and left where it is not', () => {
  expect(chosenPrecision('as stored', 'webgpu', right)).toBe('fp16')
  expect(chosenPrecision('as stored', 'webgpu', slow)).toBe('as stored')
  expect(chosenPrecision('as stored', 'webgpu', missing)).toBe('as stored')
  expect(chosenPrecision('as stored', 'cpu', undefined)).toBe('as stored')
  // What else was chosen stays.
  expect(chosenPrecision('fp32', 'webgpu', right)).toBe('fp32')
  expect(chosenPrecision('8 bit', 'cpu', undefined)).toBe('8 bit')
})

test('who asks for half precision gets it where it is right, else a sentence with the reason', () => {
  expect(chosenPrecision('fp16', 'webgpu', slow)).toBe('fp16')
  const refused = (message: RegExp) =>
    expect.objectContaining({ code: 'PRECISION_PROVIDER', message: expect.stringMatching(message) })
  expect(() => chosenPrecision('fp16', 'webgpu', missing)).toThrow(refused(/the graphics card does not have it\.$/))
  expect(() => chosenPrecision('fp16', 'cpu', undefined)).toThrow(refused(/made on the processor\.$/))
})

test('a card without half precision is used in single precision, and asked once', async () => {
  const { home, probe, asked } = computer({ ...right, half: missing })
  expect(await chooseProvider('auto', home, probe)).toBe('webgpu')
  expect(await chooseHalf('webgpu', home, probe)).toEqual(missing)
  expect(asked()).toBe(1)
})

test('nothing is tried out for who computes on the processor', async () => {
  const { home, probe, asked } = computer(right)
  expect(await chooseProvider('cpu', home, probe)).toBe('cpu')
  expect(await chooseHalf('cpu', home, probe)).toBeUndefined()
  expect(asked()).toBe(0)
})
