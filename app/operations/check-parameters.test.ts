import { expect, test } from 'vitest'
import { Problem } from '../problem.ts'
import { checkParameters } from './check-parameters.ts'
import { noGuides } from './guide-parameters.ts'
import { textToImage } from './text-to-image.ts'
import { uniTune } from './unitune.ts'

const model = {
  name: 'Small',
  defaults: { width: 64, height: 48, steps: 12, guidance: 3.5, sampler: 'DDIMScheduler' },
  sizeMultiple: 8,
}

const check = (given: Record<string, unknown>) =>
  checkParameters(textToImage, { prompt: 'a fox', ...given }, model, () => 7n)

function refused(given: Record<string, unknown>): { code: string; field: unknown; sentence: string } {
  try {
    check(given)
  } catch (error) {
    if (error instanceof Problem) return { code: error.code, field: error.details?.field, sentence: error.sentence }
    throw error
  }
  throw new Error(`${JSON.stringify(given)} was accepted`)
}

test('what is left open comes from the model, the schema, and chance', () => {
  expect(check({})).toEqual({
    ...noGuides,
    prompt: 'a fox',
    negative: '',
    seed: '7',
    steps: 12,
    guidance: 3.5,
    trueGuidance: 1,
    rescale: 0,
    perturbedGuidance: 0,
    selfGuidance: 0,
    perturbedLayers: 'mid',
    sampler: 'DDIMScheduler',
    karras: false,
    width: 64,
    height: 48,
    count: 1,
    longPrompts: 'chunks',
    clipSkip: 0,
    loras: [],
    embeddings: [],
    vae: '',
    textEncoders: [],
    controls: [],
    guessMode: false,
    regions: [],
  })
})

test('what was given stays, seeds to the last digit', () => {
  expect(check({ seed: '18446744073709551615', steps: 3, width: 128 })).toMatchObject({
    seed: '18446744073709551615',
    steps: 3,
    width: 128,
    height: 48,
  })
  expect(check({ seed: '007' }).seed).toBe('7')
  expect(check({ prompt: '' }).prompt).toBe('')
})

test('checked parameters are accepted again as they are', () => {
  const once = check({ seed: '18446744073709551615' })
  expect(checkParameters(textToImage, once, model, () => expect.unreachable())).toEqual(once)
})

test('whatever is wrong is said in a sentence that names the field and its range', () => {
  expect(refused({ steps: 0 })).toEqual({
    code: 'PARAMETER_INVALID',
    field: 'steps',
    sentence: 'Steps must be a whole number from 1 to 1000; 0 was given.',
  })
  expect(refused({ steps: 2.5 }).sentence).toBe('Steps must be a whole number from 1 to 1000; 2.5 was given.')
  expect(refused({ steps: 'many' }).sentence).toBe('Steps must be a whole number from 1 to 1000; "many" was given.')
  expect(refused({ guidance: Number.NaN }).field).toBe('guidance')
  expect(refused({ guideColour: 'blue' }).sentence).toBe(
    'Colour must be a colour such as #ff8800, or empty; "blue" was given.',
  )
  expect(refused({ karras: 1 }).sentence).toBe('Karras noise levels must be true or false; 1 was given.')
  expect(refused({ sampler: 'Euler' }).sentence).toMatch(
    /^Sampler cannot be "Euler"\. Choose one of .*EulerDiscreteScheduler/,
  )
  for (const seed of ['-1', 'x', '18446744073709551616', 1.5, -1, 2 ** 60, '1e3']) {
    expect(refused({ seed })).toMatchObject({ field: 'seed', code: 'PARAMETER_INVALID' })
    expect(refused({ seed }).sentence).toContain('a whole number from 0 to 18446744073709551615')
  }
  expect(refused({ prompt: 'x'.repeat(20_001) }).sentence).toBe(
    'Prompt is too long: at most 20000 characters are read.',
  )
  expect(refused({ prompt: undefined }).sentence).toBe('Prompt is missing.')
  expect(refused({ stepz: 20 })).toMatchObject({ code: 'PARAMETER_UNKNOWN', field: 'stepz' })
  expect(refused({ constructor: 1 })).toMatchObject({ code: 'PARAMETER_UNKNOWN', field: 'constructor' })
})

test('what is wrong inside a list is told by its own name and range', () => {
  const control = (values: Record<string, unknown>) =>
    refused({ controls: [{ model: 'edges', image: 'a.png', ...values }] })
  expect(control({ weight: 7 })).toMatchObject({
    field: 'controls',
    sentence: 'Controls (weight) must be a number from 0 to 2; 7 was given.',
  })
  expect(control({ mode: 'both' }).sentence).toBe(
    'Controls (mode) cannot be "both". Choose one of balanced, prompt, control.',
  )
  expect(refused({ loras: [{ model: 'a', strength: 50 }] }).sentence).toMatch(
    /^LoRAs \(strength\) must be a number from -10 to 10; 50 was given\.$/,
  )
  expect(refused({ controls: 'edges' }).sentence).toBe('Controls must be a list; "edges" was given.')
})

test('a field is called by its title, also where an operation gives it another usual value', () => {
  expect(() =>
    checkParameters(uniTune, { prompt: '', learned: 'a', image: 'b'.repeat(64), strength: 7 }, model, () => 7n),
  ).toThrow('Strength must be a number from 0 to 1; 7 was given.')
  expect(refused({ perturbedLayers: '' }).sentence).toBe('Perturbed layers is missing.')
})

test('sizes are multiples of what the model asks for', () => {
  expect(refused({ width: 100 })).toEqual({
    code: 'SIZE_MULTIPLE',
    field: 'width',
    sentence: 'Width must be a multiple of 8 for Small; 100 is not. Use 104.',
  })
  expect(refused({ height: 100_000 }).sentence).toContain('from 8 to 8192')
})
