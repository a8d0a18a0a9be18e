/** What a prompt's syntax means, for pages that help to write it. */
export { matchBrackets } from '../models/prompt/brackets.ts'
export { type Prompt, parsePrompt } from '../models/prompt/parse.ts'
export { promptAt } from '../models/prompt/schedule.ts'
export { withStyle } from '../models/prompt/style.ts'
export { isWord, wordsIn } from '../models/prompt/words.ts'
