import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Problem } from '../../problem.ts'

/** The folder of CLIP's published vocabulary, which comes with the app: single files carry none. @throws Problem TOKENIZER_FILE */
export const clipVocabulary = (): string => ownFolder('clip-vocabulary', 'vocab.json')

/** The folder of T5's published vocabulary, which comes with the app too. @throws Problem TOKENIZER_FILE */
export const t5Vocabulary = (): string => ownFolder('t5-vocabulary', 'tokenizer.json')

/** It lies in `resources` of the checkout, or beside the programs of an installed app. @param file that must be in it */
function ownFolder(name: string, file: string): string {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const found = [join(folder, 'resources', name), join(folder, name)].find(path => existsSync(join(path, file)))
    if (found !== undefined) return found
  }
  throw new Problem('TOKENIZER_FILE', `The folder ${name}, which comes with the app, is missing.`, {
    hint: 'Install the app again.',
  })
}
