import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { sidePicture, sidePictureUrl } from './side-picture.ts'

const folder = mkdtempSync(join(tmpdir(), 'sfumato-side-picture-'))
afterAll(() => rmSync(folder, { recursive: true }))
const at = (name: string, bytes: string | Buffer = 'x') => {
  writeFileSync(join(folder, name), bytes)
  return join(folder, name)
}

test('the picture beside a model is found by its name, and is what its bytes say', () => {
  const png = Buffer.from('\x89PNG\r\n\x1a\nrest', 'latin1')
  const [style, cat, bare] = ['style.v2.safetensors', 'cat.pt', 'bare.safetensors'].map(name => at(name))
  at('style.v2.png', png)
  at('style.v2.preview.png', png)
  at('cat.jpg', png)
  expect(sidePicture(style)).toBe(join(folder, 'style.v2.preview.png'))
  expect(sidePictureUrl(cat)).toBe(`data:image/png;base64,${png.toString('base64')}`)
  expect([sidePicture(bare), sidePictureUrl(bare)]).toEqual([undefined, undefined])
  at('bare.png', '<svg onload="alert(1)">')
  expect(sidePictureUrl(bare)).toBeUndefined()
})
