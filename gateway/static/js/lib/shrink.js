// Photos as they are sent: no larger than anybody sees them. All of it is done beside the page, not in its way.

const MOST_PX = 2048;
const FEW_BYTES = 1024 * 1024;
const QUALITY = 0.85;
/** What moves, or is drawn at any size, stays as it is. */
const AS_IT_IS = ["image/gif", "image/svg+xml"];

/**
 * A photo upright, at most 2,048 pixels wide and high; null for what this browser cannot read as one.
 * @param {Blob} file
 * @returns {Promise<{ blob: Blob, width: number, height: number } | null>}
 */
export async function shrunk(file) {
  if (!file.type.startsWith("image/")) return null;
  const picture = await createImageBitmap(file).catch(() => null);
  if (!picture) return null;
  const scale = Math.min(1, MOST_PX / Math.max(picture.width, picture.height));
  const width = Math.max(1, Math.round(picture.width * scale));
  const height = Math.max(1, Math.round(picture.height * scale));
  const small = AS_IT_IS.includes(file.type) || (scale === 1 && file.size <= FEW_BYTES);
  const blob = small ? file : await drawn(picture, width, height).catch(() => file);
  picture.close();
  return { blob: scale === 1 && blob.size >= file.size ? file : blob, width, height };
}

/**
 * @param {ImageBitmap} picture
 * @param {number} width
 * @param {number} height
 */
async function drawn(picture, width, height) {
  const resized = await createImageBitmap(picture, {
    resizeWidth: width,
    resizeHeight: height,
    resizeQuality: "high",
  });
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("This browser does not draw here");
  context.drawImage(resized, 0, 0);
  const blob = await canvas.convertToBlob({ type: "image/webp", quality: QUALITY });
  if (blob.type === "image/webp") {
    resized.close();
    return blob;
  }
  context.fillStyle = "#ffffff"; // what Safari writes instead has nothing that can be seen through
  context.fillRect(0, 0, width, height);
  context.drawImage(resized, 0, 0);
  resized.close();
  return canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY });
}
