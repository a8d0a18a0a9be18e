import { expect, test } from 'vitest'
import { z } from 'zod'
import { additionFiles, additionsOf, withAdditionFiles, withFinders } from './additions.ts'
import { checkParameters } from './check-parameters.ts'
import { textToImage } from './text-to-image.ts'

const defaults = { width: 64, height: 64, steps: 4, guidance: 5, sampler: 'DDIMScheduler' }
const checked = (given: Record<string, unknown>) =>
  checkParameters(textToImage, { prompt: 'x', ...given }, { name: 'M', defaults, sizeMultiple: 8 }, () => 1n)

const asked = { loras: [{ model: 'a' }, { model: 'b', strength: -0.3 }], embeddings: [{ model: 'c' }], vae: 'd' }

test('parameters become what stands beside a checkpoint', () => {
  expect(additionsOf(checked(asked))).toEqual({
    loras: [
      { path: 'a', strength: 1 },
      { path: 'b', strength: -0.3 },
    ],
    embeddings: [{ path: 'c' }],
    vae: 'd',
  })
  expect(additionsOf(checked({}))).toEqual({ loras: [], embeddings: [] })
  expect(additionFiles(checked({ ...asked, vae: 'a' }))).toEqual(['a', 'b', 'c'])
})

test('names become paths, and nothing else changes', () => {
  const found = withAdditionFiles(checked(asked), name => `/models/${name}`)
  expect(found).toMatchObject({ prompt: 'x', vae: '/models/d', embeddings: [{ model: '/models/c' }] })
  expect(additionFiles(found)).toEqual(['/models/a', '/models/b', '/models/c', '/models/d'])
  expect(withAdditionFiles({ steps: 4 }, name => `/${name}`)).toEqual({ steps: 4 })
  const wrong = { loras: 'a' }
  expect(withAdditionFiles(wrong, name => `/${name}`)).toBe(wrong)
})

test.each([[{ loras: [{ model: 'a', strength: 11 }] }], [{ loras: 'a' }], [{ embeddings: [{ model: '' }] }]])(
  '%j is refused',
  given => {
    expect(() => checked(given)).toThrow(expect.objectContaining({ code: 'PARAMETER_INVALID' }))
  },
)

test('of several networks that look at pictures the named one does, else the first that was brought, else what comes with the app', () => {
  const control = (prepare: string, finder = '') => ({ model: 'm', image: 'i', prepare, finder })
  const found = (brought: readonly string[], ...controls: object[]) =>
    z
      .object({ controls: z.array(z.object({ finder: z.string() })), depthFinder: z.string() })
      .parse(
        withFinders(
          { controls, depthFinder: '' },
          { pose: { brought, own: '/own' }, depth: { brought: brought.map(each => `${each}-depth`) } },
        ),
      )
  const asked = [control('pose'), control('pose', '/b'), control('pose', 'own'), control('depth'), control('edges')]
  const several = found(['/a', '/b'], ...asked)
  expect(several.controls.map(({ finder }) => finder)).toEqual(['/a', '/b', '/own', '/a-depth', ''])
  expect(several.depthFinder).toBe('/a-depth')
  const none = found([], ...asked)
  expect(none.controls.map(({ finder }) => finder)).toEqual(['/own', '/b', '/own', '', ''])
  expect(none.depthFinder).toBe('')
})

test('a training looks into its pictures with the network that is named, else the first of the library, else the own one', () => {
  const finders = { pose: { brought: ['/brought.onnx'], own: '/own' }, depth: { brought: [] } }
  const looking = (prepare: string, finder: string) => withFinders({ prepare, finder }, finders).finder
  expect(looking('pose', '')).toBe('/brought.onnx')
  expect(looking('pose', '/named.onnx')).toBe('/named.onnx')
  expect(looking('pose', 'own')).toBe('/own')
  expect(looking('edges', '')).toBe('')
  const find = (name: string, kind: string) => `${kind}:${name}`
  expect(withAdditionFiles({ prepare: 'depth', finder: 'midas' }, find)).toMatchObject({
    finder: 'depth-network:midas',
  })
})
