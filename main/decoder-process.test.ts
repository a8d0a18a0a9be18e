import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { crc32, deflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { embedRecipe } from '../app/library/recipe/recipe.ts'
import type { Recipe } from '../app/library/records.ts'
import { Problem } from '../app/problem.ts'
import { decodePicture } from './decoder-process.ts'

function chunk(type: string, data: Uint8Array): Buffer {
  const bytes = Buffer.concat([Buffer.alloc(4), Buffer.from(type), data, Buffer.alloc(4)])
  bytes.writeUInt32BE(data.length)
  bytes.writeUInt32BE(crc32(bytes.subarray(4, -4)), bytes.length - 4)
  return bytes
}

/** A grey PNG by the letter of the format. @param pixels of the data that it really has */
function png(
  width: number,
  height: number,
  { interlaced = false, data = Buffer.alloc((width + 1) * height) } = {},
): Buffer {
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, Number(interlaced)])
  header.writeUInt32BE(width)
  header.writeUInt32BE(height, 4)
  const signature = Buffer.from('89504e470d0a1a0a', 'hex')
  const content = chunk('IDAT', deflateSync(data, { level: 1 }))
  return Buffer.concat([signature, chunk('IHDR', header), content, chunk('IEND', Buffer.alloc(0))])
}

const refusal = async (bytes: Uint8Array, limits?: Parameters<typeof decodePicture>[1]) => {
  const problem = await decodePicture(bytes, limits).catch(error => error)
  expect(problem).toBeInstanceOf(Problem)
  return problem.code
}

const recipe: Recipe = {
  operation: 'text-to-image',
  operationVersion: 1,
  parameters: { prompt: 'яблоко' },
  seed: '18446744073709551615',
  model: { name: 'Sticker World', hash: 'ab' },
  provider: 'cpu',
  app: 'Sfumato 0.1.0',
  parents: [],
}

test('a sound picture tells its size, format and recipe', async () => {
  expect(await decodePicture(png(3, 2))).toEqual({ width: 3, height: 2, format: 'png' })
  expect(await decodePicture(embedRecipe(png(3, 2), recipe, { saysOrigin: true }))).toEqual({
    width: 3,
    height: 2,
    format: 'png',
    recipe,
    source: 'sfumato',
  })
})

describe('what is no sound picture is refused', () => {
  const entity = `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/hostname">]>
    <svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>&x;</text></svg>`
  test.each<[string, Uint8Array, string]>([
    ['nothing', Buffer.alloc(0), 'PICTURE_FORMAT'],
    ['text', Buffer.from('hello'), 'PICTURE_FORMAT'],
    ['random bytes', randomBytes(10_000), 'PICTURE_FORMAT'],
    ['an SVG that reads a file', Buffer.from(entity), 'PICTURE_FORMAT'],
    ['a plain SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'), 'PICTURE_FORMAT'],
    ['a PDF', Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>'), 'PICTURE_FORMAT'],
    [
      'a PNG that ends too early',
      png(300, 300, { data: randomBytes(301 * 300) }).subarray(0, 40_000),
      'PICTURE_DAMAGED',
    ],
    ['a PNG with too few pixels', png(300, 300, { data: Buffer.alloc(301) }), 'PICTURE_DAMAGED'],
    ['a PNG of 3600 megapixels', png(60_000, 60_000, { data: Buffer.alloc(100) }), 'PICTURE_LARGE'],
  ])('%s', async (_, bytes, code) => {
    expect(await refusal(bytes)).toBe(code)
  })

  test('more bytes than anybody needs', async () => {
    expect(await refusal(new Uint8Array(256 * 2 ** 20 + 1))).toBe('PICTURE_LARGE')
  })
})

test('a picture that takes too long is given up', async () => {
  expect(await refusal(png(3, 2), { time: 1, memory: 2 ** 30 })).toBe('PICTURE_TIME')
})

test.runIf(process.platform === 'linux')('a picture that needs too much memory ends its decoder alone', async () => {
  const bomb = png(9_000, 9_000, { interlaced: true })
  expect(bomb.length).toBeLessThan(500_000)
  expect(await refusal(bomb, { time: 20_000, memory: 150 * 2 ** 20 })).toMatch(/^PICTURE_(FAILED|DAMAGED)$/)
  expect(await decodePicture(bomb)).toMatchObject({ width: 9_000 })
})

test('a decoder whose parent is gone ends itself', async () => {
  const decoder = spawn(process.execPath, [join(import.meta.dirname, 'decoder.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = new Promise(resolve => decoder.on('exit', resolve))
  decoder.stdin.write(Buffer.from([0, 0, 0, 9, 1]))
  await wait(300)
  expect(decoder.exitCode).toBe(null)
  decoder.stdin.destroy()
  expect(await ended).toBe(1)
})
