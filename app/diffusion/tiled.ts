import type { Checkpoint } from '../runtime/checkpoint.ts'
import { Mosaic, tileOf, tilesOver } from '../tensor/tiles.ts'

/** Share of a tile that the next one covers too. */
const OVERLAP = 0.25

/** The parts of latents that a network sees one after the other. @param side of a part, in latents */
export const latentTiles = (latents: { readonly height: number; readonly width: number }, side: number) =>
  tilesOver(latents, side, Math.floor(side * OVERLAP))

/** A network that sees large latents in tiles which reach into each other, each at every step (Bar-Tal et al. 2023, arXiv:2302.08113, section 4.1,
 *  "MultiDiffusion"; weights fall towards the edges): memory does not grow with the picture, and it works at the size that it was trained for.
 *  ControlNets' values are for whole latents: there are none beside it.
 *  @param side of a tile, in latents  @param signal looked at between tiles */
export const tiledPredictor =
  (predictor: Checkpoint['predictor'], side: number, signal: AbortSignal): Checkpoint['predictor'] =>
  async (latents, tokens, guided) => {
    const [batch, channels, height, width] = latents
    const tiles = latentTiles({ height, width }, side)
    const [{ height: rows, width: columns }] = tiles
    const network = await predictor([batch, channels, rows, columns], tokens, guided)
    if (tiles.length === 1) return network
    return async (input, timestep, conditioning) => {
      let mosaic: Mosaic | undefined
      for (const tile of tiles) {
        signal.throwIfAborted()
        const answer = await network(tileOf(input, tile), timestep, conditioning)
        mosaic ??= new Mosaic([...answer.shape.slice(0, 2), height, width], Math.floor(side * OVERLAP))
        mosaic.add(tile, answer)
      }
      if (mosaic === undefined) throw new Error('there are no tiles')
      return mosaic.whole
    }
  }
