import { expect, test } from 'vitest'
import { problemCode } from '../testing.ts'
import { climbsOut, isPlainPath, publicHub, readReference } from './reference.ts'

const read = (text: string) => readReference(text, new URL(publicHub))
const hub = (id: string, revision?: string, file?: string) => ({ kind: 'hub', id, revision, file })

test.each([
  [' owner/name ', hub('owner/name')],
  ['owner/name@v1.0', hub('owner/name', 'v1.0')],
  ['owner/name/a/b.safetensors', hub('owner/name', undefined, 'a/b.safetensors')],
  ['https://huggingface.co/owner/name', hub('owner/name')],
  ['https://hf.co/owner/name/', hub('owner/name')],
  ['https://huggingface.co/owner/name/tree/fp16/unet', hub('owner/name', 'fp16')],
  ['https://huggingface.co/owner/name/tree/refs%2Fpr%2F3', hub('owner/name', 'refs/pr/3')],
  ['https://huggingface.co/owner/name/blob/main/x.safetensors', hub('owner/name', 'main', 'x.safetensors')],
  ['https://huggingface.co/o/n/resolve/main/a/x.safetensors?download=true', hub('o/n', 'main', 'a/x.safetensors')],
])('%s', (text, named) => expect(read(text)).toEqual(named))

test('other addresses are files elsewhere', () => {
  expect(read('https://example.org/x.safetensors')).toEqual({
    kind: 'address',
    address: new URL('https://example.org/x.safetensors'),
  })
})

test.each([
  ['name', 'REFERENCE'],
  ['', 'REFERENCE'],
  ['../..', 'REFERENCE'],
  ['a..b/c', 'REFERENCE'],
  ['owner/name@../x', 'REFERENCE'],
  ['owner/name/x.json', 'REFERENCE'],
  ['owner/name/x.ckpt', 'WEIGHTS_PICKLE'],
  ['https://huggingface.co/owner', 'REFERENCE'],
  ['https://huggingface.co/owner/name/discussions/1', 'REFERENCE'],
  ['https://huggingface.co/owner/name/%ZZ/x', 'REFERENCE'],
  ['https://', 'REFERENCE'],
])('%j is refused', async (text, code) => expect(await problemCode(() => read(text))).toBe(code))

test('paths that leave their folder, on any system', () => {
  for (const path of ['../x', 'a/../../x', '/x', 'a//b', 'C:/x', 'c:x', '..\\x', 'a\\..\\x', 'x\0', './x']) {
    expect([path, climbsOut(path)]).toEqual([path, true])
    expect([path, isPlainPath(path)]).toEqual([path, false])
  }
  for (const path of ['a/b.json', '.gitattributes', 'model-00001-of-00002.safetensors']) {
    expect([path, climbsOut(path), isPlainPath(path)]).toEqual([path, false, true])
  }
  for (const path of ['aux.json', 'unet/con', 'x.', 'a\nb']) expect([path, isPlainPath(path)]).toEqual([path, false])
})
