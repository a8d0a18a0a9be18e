import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { clipParts, weightParts } from '../models/parts.ts'
import { KeptTensors } from '../training/kept-tensors.ts'
import type { ModelSource } from '../weights/model-source.ts'
import { openModel } from '../weights/open-model.ts'
import type { OperationContext } from './operation.ts'

/** What earlier trainings made of pictures and captions with the same networks, computed in the same way; in the folder of what can always be made
 *  again. undefined where it is not known what the model's weights are. */
export function keptTensorsOf({
  workshop: { home, runtime },
  making: { hashes, source: path },
}: OperationContext<'workshop' | 'making'>): KeptTensors | undefined {
  const hash = hashes[path]
  if (hash === undefined) return undefined
  const source = openModel(path)
  const { provider, compute } = runtime.target
  const configs = Object.keys(weightParts(source)).map(name => source.component(name).config)
  return new KeptTensors(join(home, 'cache', 'training'), [hash, configs, tokenizersOf(source), provider, compute])
}

/** SHA-256 of each tokenizer. */
const tokenizersOf = (source: ModelSource): string[] =>
  Object.keys(clipParts(source)).map(name => {
    const { folder, padToken = '' } = source.component(name.replace('text_encoder', 'tokenizer'))
    const hash = createHash('sha256').update(padToken)
    for (const file of ['vocab.json', 'merges.txt', 'special_tokens_map.json', 'tokenizer_config.json']) {
      const path = join(folder, file)
      hash.update(file).update(existsSync(path) ? readFileSync(path) : '')
    }
    return hash.digest('hex')
  })
