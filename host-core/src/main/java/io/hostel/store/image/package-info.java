/**
 * The image {@code host}: the machine's own /usr with a root directory around it that holds nothing of the machine's secrets.
 *
 * <p>Start with {@link io.hostel.store.image.Images}. Imports the store and the settings.
 */
@org.jspecify.annotations.NullMarked
package io.hostel.store.image;
