import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { Problem } from '../problem.ts'
import type { Store } from './store.ts'

/** Pictures that a person put together. One may be on many boards. */
export const Board = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: z.number(),
  /** How many there are on it, without those in the trash. */
  images: z.int(),
  /** The newest picture on it is at `blob/<cover>`. */
  cover: z.string().optional(),
})
export type Board = z.infer<typeof Board>

type Row = Omit<Board, 'cover'> & { cover: string | null }

const SHOWN = 'FROM boardImages JOIN images ON images.number = image WHERE board = boards.number AND trashedAt IS NULL'
const SELECT = `SELECT id, name, createdAt, (SELECT count(*) ${SHOWN}) AS images,
  (SELECT hash ${SHOWN} ORDER BY images.createdAt DESC, images.number DESC LIMIT 1) AS cover FROM boards`

/** The boards of the library. Whoever names one that there is not gets Problem BOARD_UNKNOWN. */
export class Boards {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  /** By their names. */
  list(): Board[] {
    return this.#store.all<Row>(`${SELECT} ORDER BY name COLLATE NOCASE, number`).map(boardOf)
  }

  create(name: string, now = Date.now()): Board {
    const id = randomUUID()
    this.#store.run('INSERT INTO boards (id, name, createdAt) VALUES (?, ?, ?)', [id, name, now])
    return this.#get(id)
  }

  rename(id: string, name: string): Board {
    this.#store.run('UPDATE boards SET name = ? WHERE id = ?', [name, id])
    return this.#get(id)
  }

  /** Its pictures stay in the library. */
  remove(id: string): void {
    this.#get(id)
    this.#store.run('DELETE FROM boards WHERE id = ?', [id])
  }

  /** Puts pictures on it; those that are there already, or not in the library, are left out. */
  add(id: string, images: readonly string[]): Board {
    return this.#each(id, images, (board, image) =>
      this.#store.run(
        `INSERT INTO boardImages (board, image) SELECT boards.number, images.number FROM boards, images
         WHERE boards.id = ? AND images.id = ? ON CONFLICT DO NOTHING`,
        [board, image],
      ),
    )
  }

  /** Takes pictures off it. */
  take(id: string, images: readonly string[]): Board {
    return this.#each(id, images, (board, image) =>
      this.#store.run(
        `DELETE FROM boardImages WHERE board = (SELECT number FROM boards WHERE id = ?)
         AND image = (SELECT number FROM images WHERE id = ?)`,
        [board, image],
      ),
    )
  }

  #each(id: string, images: readonly string[], change: (board: string, image: string) => void): Board {
    return this.#store.transaction(() => {
      this.#get(id)
      for (const image of images) change(id, image)
      return this.#get(id)
    })
  }

  #get(id: string): Board {
    const row = this.#store.get<Row>(`${SELECT} WHERE id = ?`, [id])
    if (!row) throw new Problem('BOARD_UNKNOWN', 'This board is not in the library any more.')
    return boardOf(row)
  }
}

const boardOf = ({ cover, ...board }: Row): Board => ({ ...board, ...(cover !== null && { cover }) })
