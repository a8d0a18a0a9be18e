import { statSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import { readJsonObject } from './json-file.ts'
import { plainWords } from './model-metadata.ts'

/** Bytes; what these programs write has some thousands. */
const largest = 2 ** 20

/** The words that call a LoRA, from the files that programs put beside it: the AUTOMATIC1111 web UI's `NAME.json`, where a person writes them
 *  down ("activation text", modules/ui_extra_networks_user_metadata.py), before `NAME.civitai.info` of its Civitai helper ("trainedWords").
 *  undefined where neither says any. */
export function sideWords(model: string): string[] | undefined {
  const beside = join(dirname(model), basename(model, extname(model)))
  const { 'activation text': text } = safelyRead(`${beside}.json`)
  const own = typeof text === 'string' ? plainWords(text.split(',')) : []
  if (own.length > 0) return own
  const { trainedWords: list } = safelyRead(`${beside}.civitai.info`)
  const words = Array.isArray(list)
    ? plainWords(list.filter(word => typeof word === 'string').map(withoutEndComma))
    : []
  return words.length > 0 ? words : undefined
}

const withoutEndComma = (words: string): string => words.trim().replace(/,$/, '')

/** Nothing where the file is not there or makes no sense: it is no reason to refuse a model. */
function safelyRead(path: string): Readonly<Record<string, unknown>> {
  try {
    const stat = statSync(path, { throwIfNoEntry: false })
    return stat?.isFile() && stat.size <= largest ? readJsonObject(path) : {}
  } catch {
    return {}
  }
}
