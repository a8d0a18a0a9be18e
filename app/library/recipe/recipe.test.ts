import { crc32, deflateSync } from 'node:zlib'
import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import type { Recipe } from '../records.ts'
import { readA1111, writeA1111 } from './a1111.ts'
import { readTexts } from './png-text.ts'
import { embedRecipe, readRecipe } from './recipe.ts'
import { exactJson, recipeOfJson } from './recipe-json.ts'

/** Pictures of 2 x 1 pixels that Pillow 12 wrote, with A1111's text in each kind of chunk. */
const pillow = {
  plain: Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAAD0lEQVR4nGNkZGJmYGAAAAAqAAjaWO5EAAAAAElFTkSuQmCC',
    'base64',
  ),
  tEXt: Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAABP3RFWHRwYXJhbWV0ZXJzAChtYXN0ZXJwaWVjZToxLjIpLCBhIGNhc3RsZSwgPGxvcmE6b2xkOjAuOD4sCmJ5IHRoZSBzZWEKTmVnYXRpdmUgcHJvbXB0OiBibHVycnksIHRleHQsCmxvdyBxdWFsaXR5ClN0ZXBzOiAyOCwgU2FtcGxlcjogRFBNKysgMk0gS2FycmFzLCBDRkcgc2NhbGU6IDYuNSwgU2VlZDogMTg0NDY3NDQwNzM3MDk1NTE2MTUsIFNpemU6IDUxMng3NjgsIE1vZGVsIGhhc2g6IDZjZTAxNjE2ODksIE1vZGVsOiAidjEtNSwgcHJ1bmVkIiwgQ2xpcCBza2lwOiAyLCBMb3JhIGhhc2hlczogIm9sZDogYWExMSwgbmV3OiBiYjIyIiwgVmVyc2lvbjogdjEuNy4wHIvdlwAAAA9JREFUeJxjZGRiZmBgAAAAKgAI2ljuRAAAAABJRU5ErkJggg==',
    'base64',
  ),
  zTXt: Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAABA3pUWHRwYXJhbWV0ZXJzAAB4nC2PS0/DMBCE7/kVo55ANVEc8qqFuIDgAEVIlbhvkhWxcBtjuy9+PVvEdXa+2ZmrLcXEwVse2Oi8vFYgDKI5VrhzcyAzu9EUeXevsv6MNDEiU/bGn5TsgeHDvPXJoHf7EM4KiU9JZW4+4ntPzqZztknso0HZKWxo6x0Hg8f39XKJco0XCoGiwsPTM+JAjg2avBYn82igu6pq2qoq2tu2WNW1bvTlZn/EVuvy1DYSup5HdpgoTsIOXIip6Vb/usHioG8E8mG/43Ehn5z1iF/WSyWFV1n4x7JUXFymgkhrhR0fZVRfloJ8cIh23hkcdN7mxS9S01vzfwjuKgAAAA9JREFUeJxjZGRiZmBgAAAAKgAI2ljuRAAAAABJRU5ErkJggg==',
    'base64',
  ),
  iTXt: Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAAbGlUWHRwYXJhbWV0ZXJzAAEAAAB4nLvYf2Hjhd0X9l3YdWGfjsKH+b19XMElqQXFVgqmOgrBibkFOalFVgqupUBKIREokpyRmgLkKJRUFqRaKXgnFhUlFgOFU1NTrBTMgYzMKqCwoZFFBRADAG03Iw9H44ZfAAAAD0lEQVR4nGNkZGJmYGAAAAAqAAjaWO5EAAAAAElFTkSuQmCC',
    'base64',
  ),
}

const recipe: Recipe = {
  operation: 'text-to-image',
  operationVersion: 1,
  parameters: {
    prompt: 'a red apple, 3d style',
    negative: 'text',
    steps: 20,
    sampler: 'EulerAncestralDiscreteScheduler',
    karras: true,
    guidance: 5,
    rescale: 0,
    width: 128,
    height: 96,
    count: 1,
    seed: '18446744073709551615',
  },
  seed: '18446744073709551615',
  model: { name: 'Sticker World', hash: '0123456789abcdef'.repeat(4) },
  provider: 'cpu',
  app: 'Sfumato 0.1.0',
  parents: [],
}

const silent = { saysOrigin: false }

describe("A1111's text", () => {
  test('is written as the web UI writes it', () => {
    expect(writeA1111(recipe)).toBe(
      'a red apple, 3d style\nNegative prompt: text\nSteps: 20, Sampler: Euler a, Schedule type: Karras, CFG scale: 5, ' +
        'Seed: 18446744073709551615, Size: 128x96, Model hash: 0123456789, Model: Sticker World, Version: Sfumato 0.1.0',
    )
  })

  test('values with commas, colons or lines are quoted, and an empty prompt stands as nothing', () => {
    const parameters = { prompt: '', negative: '', steps: 3 }
    const odd = { ...recipe, parameters, model: { name: 'a: "b", c\nd', hash: 'ab' } }
    expect(writeA1111(odd)).toBe(
      String.raw`Steps: 3, Seed: 18446744073709551615, Model hash: ab, Model: "a: \"b\", c\nd", Version: Sfumato 0.1.0`,
    )
    expect(readA1111(writeA1111(odd))).toMatchObject({
      parameters: { prompt: '', negative: '', steps: 3 },
      model: odd.model,
    })
  })

  const castle = {
    source: 'a1111',
    recipe: {
      operation: 'text-to-image',
      operationVersion: 3,
      parameters: {
        prompt: '(masterpiece:1.2), a castle, <lora:old:0.8>,\nby the sea',
        negative: 'blurry, text,\nlow quality',
        steps: 28,
        guidance: 6.5,
        clipSkip: 1,
        sampler: 'DPMSolverMultistepScheduler',
        karras: true,
        width: 512,
        height: 768,
      },
      seed: '18446744073709551615',
      model: { name: 'v1-5, pruned', hash: '6ce0161689' },
      provider: '',
      app: 'v1.7.0',
      parents: [],
    },
  }

  test('is read from every kind of text chunk', () => {
    expect(readRecipe(pillow.tEXt)).toEqual(castle)
    expect(readRecipe(pillow.zTXt)).toEqual(castle)
    expect(readRecipe(pillow.iTXt)?.recipe).toMatchObject({
      parameters: {
        prompt: 'яблоко, 🍎',
        steps: 5,
        sampler: 'EulerAncestralDiscreteScheduler',
        karras: true,
        width: 128,
      },
      seed: '7',
    })
    expect(readRecipe(pillow.plain)).toBeUndefined()
  })

  const settings = (line: string) => readA1111(`x\n${line}`)?.parameters

  test('clip skip counts from 1 there, from 0 here', () => {
    expect(settings('Steps: 3, Seed: 1, Clip skip: 2')).toMatchObject({ clipSkip: 1 })
    expect(settings('Steps: 3, Seed: 1, Clip skip: 1')).toMatchObject({ clipSkip: 0 })
    expect(settings('Steps: 3, Seed: 1, Clip skip: 99')).not.toHaveProperty('clipSkip')
    const skipping = { ...recipe, parameters: { ...recipe.parameters, clipSkip: 1 } }
    expect(writeA1111(skipping)).toContain('Clip skip: 2')
    expect(writeA1111({ ...recipe, parameters: { ...recipe.parameters, clipSkip: 0 } })).not.toContain('Clip skip')
  })

  for (const [name, sampler, karras] of [
    ['Euler', 'EulerDiscreteScheduler', false],
    ['euler a', 'EulerAncestralDiscreteScheduler', false],
    ['DDIM', 'DDIMScheduler', false],
    ['DPM++ 2M', 'DPMSolverMultistepScheduler', false],
    ['DPM++ 2M Karras', 'DPMSolverMultistepScheduler', true],
    ['k_euler_a', 'EulerAncestralDiscreteScheduler', false],
    ['EulerDiscreteScheduler', 'EulerDiscreteScheduler', false],
  ] as const) {
    test(`the sampler ${name}`, () => {
      expect(settings(`Steps: 9, Sampler: ${name}, Seed: 1`)).toMatchObject({ sampler, karras })
    })
  }

  test('settings without sense are left out, the words stay', () => {
    const odd = 'Steps: -3, Sampler: constructor, CFG scale: NaN, Seed: 18446744073709551616, Size: 9x9x9, Model: "open'
    expect(readA1111(`x\n${odd}`)).toMatchObject({
      parameters: { prompt: 'x', negative: '' },
      seed: '',
      model: { name: '"open' },
    })
    expect(Object.keys(settings(odd) ?? {})).toEqual(['prompt', 'negative'])
  })

  test('a last line with less than three settings is part of the prompt', () => {
    expect(readA1111('a cat: big,\ncolour: red')?.parameters).toEqual({
      prompt: 'a cat: big,\ncolour: red',
      negative: '',
    })
  })

  test('lines of hostile length take no time', () => {
    const start = performance.now()
    for (const unit of ['a', 'a:', 'a,', '"', 'a: "', '\\', ' ', 'a b', 'a: ",', '\n']) {
      const long = unit.repeat(199_000 / unit.length)
      readA1111(long)
      readA1111(`x\nSteps: 1, Seed: 1, Size: 1x1, Sampler: a${long}b`)
    }
    expect(performance.now() - start).toBeLessThan(2000)
  })
})

describe('our own text', () => {
  const text = fc.string({ unit: 'grapheme' }).map(words => words.replaceAll('\0', ''))
  const seed = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String)
  const anyRecipe = fc.record({
    prompt: text,
    negative: text,
    seed,
    name: text,
    steps: fc.nat(),
    guidance: fc.double({ noNaN: true, noDefaultInfinity: true }),
  })

  test('a recipe comes back exactly, whatever its words and seed, and replaces an older one', () => {
    fc.assert(
      fc.property(anyRecipe, ({ prompt, negative, seed, name, steps, guidance }) => {
        const parameters = { prompt, negative, seed, steps, guidance: guidance + 0 }
        const written = { ...recipe, seed, parameters, model: { name, hash: '' } }
        const png = embedRecipe(embedRecipe(pillow.tEXt, recipe, silent), written, silent)
        expect(readRecipe(png)).toEqual({ recipe: written, source: 'sfumato' })
      }),
      { numRuns: 200, seed: 3 },
    )
  })

  test('nothing but the two texts is added', () => {
    const png = embedRecipe(pillow.plain, recipe, silent)
    const header = 8 + 25
    expect(png.subarray(0, header)).toEqual(pillow.plain.subarray(0, header))
    expect(png.subarray(header - pillow.plain.length)).toEqual(pillow.plain.subarray(header))
    expect(embedRecipe(png, recipe, silent)).toEqual(png)
    expect([...readTexts(png, ['parameters', 'sfumato']).keys()]).toEqual(['parameters', 'sfumato'])
  })

  test('other programs see seeds as numbers, in full', () => {
    expect(exactJson({ seed: '18446744073709551615', name: '7', big: 2n ** 70n })).toBe(
      '{"seed":18446744073709551615,"name":"7","big":1180591620717411303424}',
    )
    expect(exactJson({ seed: '007' })).toBe('{"seed":"007"}')
  })

  test('what is no recipe is none', () => {
    for (const text of ['', 'null', '[]', '{}', '{"operation":1}', '{"seed":1e400}', '['.repeat(1e5)]) {
      expect(recipeOfJson(text)).toBeUndefined()
    }
  })
})

describe('hostile pictures', () => {
  const chunk = (type: string, data: Buffer) => {
    const bytes = Buffer.concat([Buffer.alloc(4), Buffer.from(type), data, Buffer.alloc(4)])
    bytes.writeUInt32BE(data.length)
    bytes.writeUInt32BE(crc32(bytes.subarray(4, -4)), bytes.length - 4)
    return bytes
  }
  const withChunk = (type: string, data: Buffer) =>
    Buffer.concat([pillow.plain.subarray(0, 33), chunk(type, data), pillow.plain.subarray(33)])

  test('a text that grows beyond a megabyte is left alone', () => {
    const bomb = deflateSync(Buffer.alloc(2 ** 26, 'a'))
    expect(readRecipe(withChunk('zTXt', Buffer.concat([Buffer.from('parameters\0\0'), bomb])))).toBeUndefined()
    expect(readRecipe(withChunk('iTXt', Buffer.concat([Buffer.from('parameters\0\x01\0\0\0'), bomb])))).toBeUndefined()
    expect(readRecipe(withChunk('tEXt', Buffer.alloc(2 ** 20 + 100, 'parameters\0')))).toBeUndefined()
  })

  test('chunks without ends, keywords without ends, a wrong checksum', () => {
    for (const data of ['', 'parameters', 'parameters\0', 'parameters\0\x01', 'parameters\0\0\0']) {
      for (const type of ['tEXt', 'zTXt', 'iTXt'])
        expect(readRecipe(withChunk(type, Buffer.from(data)))).toBeUndefined()
    }
    expect(readRecipe(withChunk('iTXt', Buffer.from('parameters\0\0\0en')))).toBeUndefined()
    const damaged = Buffer.from(pillow.tEXt)
    damaged[60] ^= 1
    expect(readRecipe(damaged)).toBeUndefined()
  })

  test('any damage is survived', () => {
    const png = embedRecipe(pillow.iTXt, recipe, silent)
    for (let length = 0; length < png.length; length++) readRecipe(png.subarray(0, length))
    fc.assert(
      fc.property(fc.nat(png.length - 1), fc.nat(255), fc.nat(png.length - 1), fc.nat(255), (i, a, j, b) => {
        const damaged = Buffer.from(png)
        damaged[i] = a
        damaged[j] = b
        readRecipe(damaged)
      }),
      { numRuns: 2000, seed: 4 },
    )
    fc.assert(fc.property(fc.uint8Array(), bytes => readRecipe(bytes) === undefined))
  })
})

test('a picture says for machines that a model made it, or made it from other pictures; the recipe beside it stays readable', async () => {
  for (const [parents, term] of [
    [[], 'trainedAlgorithmicMedia'],
    [['a'.repeat(64)], 'compositeWithTrainedAlgorithmicMedia'],
  ] as const) {
    const made = { ...recipe, parents: [...parents] }
    const png = embedRecipe(pillow.plain, made, { saysOrigin: true })
    // What another program's reader finds there.
    const { xmp } = await sharp(png).metadata()
    expect(String(xmp)).toMatch(`rdf:resource="http://cv.iptc.org/newscodes/digitalsourcetype/${term}"`)
    expect(readRecipe(png)).toEqual({ recipe: made, source: 'sfumato' })
  }
  expect((await sharp(embedRecipe(pillow.plain, recipe, silent)).metadata()).xmp).toBeUndefined()
})
