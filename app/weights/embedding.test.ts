import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inflateSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { type Shape, sizeOf } from '../tensor/tensor.ts'
import { openEmbedding, vectorsFor } from './embedding.ts'
import { writeSafetensors } from './safetensors.ts'

const folder = mkdtempSync(join(tmpdir(), 'sfumato-embedding-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, tensors: Record<string, Shape>, value = 1): string {
  const path = join(folder, `${name}.safetensors`)
  const entries = Object.entries(tensors).map(([key, shape]) => {
    return [key, { dtype: 'F32', shape, data: new Float32Array(sizeOf(shape)).fill(value) }] as const
  })
  writeSafetensors(path, entries)
  return path
}

test('words and vectors of the three layouts', () => {
  const shapes = (path: string, word?: string) => {
    const { word: found, vectors } = openEmbedding(path, word)
    return [found, ...Object.entries(vectors).map(([name, { rows, width }]) => `${name} ${rows} x ${width}`)]
  }
  expect(shapes(file('style', { emb_params: [2, 24] }))).toEqual(['style', 'text_encoder 2 x 24'])
  expect(shapes(file('learned', { '<cat>': [24] }))).toEqual(['<cat>', 'text_encoder 1 x 24'])
  expect(shapes(file('learned', { '<cat>': [3, 24] }), 'dog')).toEqual(['dog', 'text_encoder 3 x 24'])
  const both = ['xl', 'text_encoder 2 x 24', 'text_encoder_2 2 x 32']
  expect(shapes(file('xl', { clip_g: [2, 32], clip_l: [2, 24] }))).toEqual(both)
})

/** Files that torch 2.13 saved, compressed: the web UI's layout with vectors [[0, 1, 2], [3, 4, 5]] in half precision, and diffusers' with
 *  [0.5, 1.5, 2.5] in bfloat16. */
const saved = {
  'easy.pt':
    'eNqllc9P02AYx9+trCsFN0AFGcjVzehoN9gPRTEFF5OaOGeMi5embC9bQ2n3tO8wmpCYGFGunjx58n/wokePxnjn5smTNw+efNu60RY3FN+s6dr1+30+7fN8u6rMjCDEcejImkBTSLUabW0HLzZVomY7W3pFSqCHgfU0ugsoXU9SgU0szWgpxKSfLWxAZBei9Qj94SIwDWJSq6zSJZpu84qFN7qa3lQINmzTUnZyPIyk0/W462JaagtDzJPwt02jdc87xwPr+gkQrzN03+h0gZMjBEbvyiiT2W80TF3HDaKZhs3fsZrYws11rUF44DM1GCMwXoNTdoi1o1rqNiR2IdkeROleggm2eJhoU852j+2Wqm/22SZdNhGm2pzMEjhNmeSozOzBGZmRI3twdr/tYEwTmKnBuZfuwewLSNVgzq7THiCDFoH5eox+NUkbW3DePW0T3IEFOdbNVuU49+NjdU2nhZytOrB3MyjZ711207S2VaLsYMumT6YijflbKDqm774fPHPgnW2waQoVD01/t0lRda1lbGODVKR8aDT+ahWWHIDVR/AtSktEhwJMotU+wMZjgk2nxRXp6knq9pauEaJjh+H5ta+zLK3CDmVIoOuBVCwKFenKfwCMRjxft7efUwdOSe4YgpUggViRSicmoIYr6AaS0Dq66TD8nPv0dpyeHB/KkPSNQn+uTtT/PO9U/fKmdf/4/i+g3OEAurduY0ujE/hEdTKvaM2KlP1HCGG5IIpCaTmXL4jlQlFYzpWXhOJSQcyVysWCUMjny0JeLLoxufBg9EOacqRdyogD2+f053LiCHn4PRpW+wM4E1C+j6BBSQ6b+EOUCgYnioYkN+zjD8JkwOeVz6cfwCNPwjfFiYB8mkGh7IS1/ukLal+HtWJY65+hZEA7P4LC0xoW+1u7ELxnn/jPQ1eVWfZSb0SZy30lF9qPRb19KdaLPOv84aG1uHfsvX1jrKfh3Ou9a38B6tOxLg==',
  'learned_embeds.bin':
    'eNqlVL9v00AUPseNE0xIW5aKDhVjkCD1j8SpC22Qhbx4IA0CRSyWax/Bwol79iUIJCQklIGBgY2JFfEXsLIxIhiY2DrBwgobdzF1z46aQDnJerL9vu997+5717H4JQDKZTCzVsB54ETufX8MNz0HO/WDB4FpVMHdzHpaeIJAr0jyr7kO3kWci0MCqtsj7AexaEdwf+QHno3hMA4je6yIqFCr9UoEEJNMpw8Rn0BEwwxCB8vareS7iJZ6HEmTULHHk+gejJBg8RiV9ixg8RNUtrgJOvPcdcMggC72w2Es3ow8GEHvhu9iEYmXuugsRpUuOhfXO1ap/OqwUnlLqOjTObHxNabx+r0wGjjYHsMoJgVm+5cp77sfX59Rqdxc3nXQOub907ztBH5/OIBDbBpqjvqvltagAtoP0bcCKVGYK2AVtFMB+48wDOlmmcbV09Q9WoGPcQCphsnO4QWBVBHmaqiC3YyrNiXT2P4PAaD9vn3xOq0/ePOytrj+MthJ66eHqp9egCrS2p9e928v3v8NoBwbYNp8DCOfOOCxQ91r+55p1P9RitxsKVuyrjdleavZ0BqqpGiSKqtaqynpktTQFVWTNH1q0xeT7e81oqM2VclRsalOdjRWZpTn74E8mh2AtQzyF4PODVOehDXxeoZkjwNzJifPwxpxNcPzmeFJByAPZ31UzcDvFEDOu3ks64PlDPYLgz2hf/Z4NjLgLg8WGKdjCcLlI5vxV1JkKRc/ckn8ySeR4Ka/PhST9+QGKwoJpjTNT3J/A/OxWJ4=',
}

test('files of PyTorch: the web UI calls a word by its file, diffusers by its own name', () => {
  const found = Object.entries(saved).map(([name, bytes]) => {
    const path = join(folder, name)
    writeFileSync(path, inflateSync(Buffer.from(bytes, 'base64')))
    const { word, vectors } = openEmbedding(path)
    return [word, vectors.text_encoder?.rows, [...(vectors.text_encoder?.values ?? [])]]
  })
  expect(found).toEqual([
    ['easy', 2, [0, 1, 2, 3, 4, 5]],
    ['<cat>', 1, [0.5, 1.5, 2.5]],
  ])
})

test('vectors stand in the order of the embeddings', () => {
  const [one, two] = [file('one', { a: [2, 3] }, 4), file('two', { b: [3] }, 5)].map(path => openEmbedding(path))
  const { rows, values } = vectorsFor([one, two], 'text_encoder', ['text_encoder'], 3)
  expect([rows, [...values]]).toEqual([3, [4, 4, 4, 4, 4, 4, 5, 5, 5]])
})

test.each<[string, Record<string, Shape>, string]>([
  ['two tensors', { a: [24], b: [24] }, 'EMBEDDING_FILE'],
  ['a convolution', { a: [2, 24, 3, 3] }, 'EMBEDDING_FILE'],
  ['unequal encoders', { clip_l: [2, 24], clip_g: [3, 32] }, 'EMBEDDING_FILE'],
  ['another width', { emb_params: [1, 768] }, 'EMBEDDING_BASE'],
  ['two encoders', { clip_l: [1, 24], clip_g: [1, 32] }, 'EMBEDDING_BASE'],
])('refused: %s', (name, tensors, code) => {
  const open = () => vectorsFor([openEmbedding(file(name, tensors))], 'text_encoder', ['text_encoder'], 24)
  expect(open).toThrow(expect.objectContaining({ code }))
})
