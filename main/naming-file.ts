import { Problem } from '../app/problem.ts'

/** What went wrong with a file, with the file's name in the sentence: whoever read it knew its bytes alone. */
export function namingFile(error: unknown, path: string): unknown {
  if (!(error instanceof Problem) || error.message.includes(path)) return error
  const { code, message, hint, details } = error
  return new Problem(code, `${path}: ${message}`, {
    ...(hint !== undefined && { hint }),
    ...(details && { details }),
    cause: error,
  })
}
