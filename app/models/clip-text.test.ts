import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Graph } from '../graph/graph.ts'
import { targets } from '../graph/targets.ts'
import { readJsonObject } from '../weights/json-file.ts'
import { openWeightFile } from '../weights/weight-files.ts'
import { type ClipTextSizes, clipText } from './clip-text.ts'
import { endPlaces } from './clip-text-with-projection.ts'
import { parseConfig } from './family.ts'
import { Layer } from './layers/layer.ts'
import { storedParameters } from './parameters.ts'

/* The reference's own numbers are replayed by test/parity (03_clip/text_models, text_states). */

const MODEL = join(import.meta.dirname, '../../test/parity/goldens/models/clip_text_sd2')
const config = parseConfig(clipText, readJsonObject(join(MODEL, 'config.json')), 'config.json')

function build(sizes: Partial<ClipTextSizes>): Graph {
  const weights = openWeightFile(join(MODEL, 'model.safetensors'))
  const find = (key: string, shape: readonly number[]) => {
    const { file, entry } = weights.require(key, shape)
    return { path: file.path, dtype: entry.dtype, offset: entry.offset, length: entry.length }
  }
  const graph = new Graph(targets.cpu)
  const layer = new Layer(graph, storedParameters(find))
  clipText.graphs.encode(layer, config, { batch: 1, tokens: 8, mask: false, skip: 0, ...sizes })
  return graph
}

test('the state before the last layers is an output where it is asked for; layers behind it cost nothing', () => {
  expect(build({}).outputs.map(({ name }) => name)).toEqual(['last_hidden_state'])
  expect(build({ hiddenBefore: 1 }).outputs.map(({ name }) => name)).toEqual(['last_hidden_state', 'hidden_state'])
  expect(build({ skip: 2 }).needed().length).toBeLessThan(build({ skip: 1 }).needed().length)
})

test.each([{ skip: 5 }, { hiddenBefore: 5 }, { skip: -1 }])('%o: there are 4 layers', sizes => {
  expect(() => build(sizes)).toThrow(
    expect.objectContaining({ code: 'GRAPH_SHAPE', message: expect.stringContaining('4 layers') }),
  )
})

test('a text ends at its first end token; where the config names 2, at its largest id', () => {
  const ids = [78, 5, 79, 79, 78, 6, 7, 79]
  expect(endPlaces(ids, 4, config)).toEqual([2, 7])
  expect(endPlaces([3, 9, 4, 2, 8, 2, 1, 8], 4, { ...config, eos_token_id: 2 })).toEqual([1, 4])
})
