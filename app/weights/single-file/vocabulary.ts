import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Problem } from '../../problem.ts'

const name = 'clip-vocabulary'

/** The folder of CLIP's published vocabulary, which comes with the app: single files carry none. It lies in `resources` of the
 *  checkout, or beside the programs of an installed app. @throws Problem TOKENIZER_FILE */
export function clipVocabulary(): string {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const found = [join(folder, 'resources', name), join(folder, name)].find(path =>
      existsSync(join(path, 'vocab.json')),
    )
    if (found !== undefined) return found
  }
  throw new Problem('TOKENIZER_FILE', `The folder ${name}, which comes with the app, is missing.`, {
    hint: 'Install the app again.',
  })
}
